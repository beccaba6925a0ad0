-- Who worked where and for how much, and when: keys with dates in them, partitions.
SET default_storage_engine = InnoDB;
select CONCAT('storage engine: ', @@default_storage_engine) as INFO;

CREATE TABLE workers (
    worker_no   INT             NOT NULL,
    birth_date  DATE            NOT NULL,
    first_name  VARCHAR(14)     NOT NULL,
    last_name   VARCHAR(16)     NOT NULL,
    sex         ENUM ('M','F','X')  NOT NULL,
    hired_on    DATE            NOT NULL,
    PRIMARY KEY (worker_no)
);

CREATE TABLE units (
    unit_no     CHAR(4)         NOT NULL,
    unit_name   VARCHAR(40)     NOT NULL,
    PRIMARY KEY (unit_no),
    UNIQUE  KEY (unit_name)
);

CREATE TABLE unit_heads (
   worker_no    INT             NOT NULL,
   unit_no      CHAR(4)         NOT NULL,
   from_date    DATE            NOT NULL,
   to_date      DATE            NOT NULL,
   FOREIGN KEY (worker_no)  REFERENCES workers (worker_no)    ON DELETE CASCADE,
   FOREIGN KEY (unit_no) REFERENCES units (unit_no) ON DELETE CASCADE,
   PRIMARY KEY (worker_no,unit_no)
);

CREATE TABLE unit_workers (
    worker_no   INT             NOT NULL,
    unit_no     CHAR(4)         NOT NULL,
    from_date   DATE            NOT NULL,
    to_date     DATE            NOT NULL,
    FOREIGN KEY (worker_no)  REFERENCES workers   (worker_no)  ON DELETE CASCADE,
    FOREIGN KEY (unit_no) REFERENCES units (unit_no) ON DELETE CASCADE,
    PRIMARY KEY (worker_no,unit_no)
);

CREATE TABLE titles (
    worker_no   INT             NOT NULL,
    title       VARCHAR(50)     NOT NULL,
    from_date   DATE            NOT NULL,
    to_date     DATE,
    FOREIGN KEY (worker_no) REFERENCES workers (worker_no) ON DELETE CASCADE,
    PRIMARY KEY (worker_no,title, from_date)
);

CREATE TABLE pay (
    worker_no   INT             NOT NULL,
    amount      INT             NOT NULL,
    from_date   DATE            NOT NULL,
    to_date     DATE            NOT NULL,
    KEY         (worker_no),
    PRIMARY KEY (worker_no, from_date)
)
PARTITION BY RANGE COLUMNS (from_date)
( partition p01 values less than ('1985-12-31'),
  partition p02 values less than ('1986-12-31'),
  partition p03 values less than (MAXVALUE)
);

CREATE OR REPLACE VIEW newest_unit AS
    SELECT worker_no, MAX(from_date) AS from_date, MAX(to_date) AS to_date
    FROM unit_workers GROUP BY worker_no;

LOAD DATA LOCAL INFILE 'workers.dump' INTO TABLE workers;
source load_units.dump ;
