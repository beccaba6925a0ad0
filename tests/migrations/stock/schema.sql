-- One table without parents, with a column of every kind of value that is easily damaged.
CREATE TABLE `ITEM` (
    `id` INT NOT NULL,
    `name` VARCHAR(60) NOT NULL,
    `price` DECIMAL(12, 2) NOT NULL,
    `weight_kg` DECIMAL(9, 4),
    `made_at` DATETIME(3),
    `note` VARCHAR(200),
    `active` BOOL NOT NULL,
    PRIMARY KEY (`id`)
);
