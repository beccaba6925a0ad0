"""What Glue starts: arguments to a StepRequest, and run_step; nothing else."""
