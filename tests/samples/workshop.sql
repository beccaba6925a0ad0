CREATE TABLE Maker (
  code CHAR(3) NOT NULL, name VARCHAR(60) NOT NULL, e_mail VARCHAR(80), city VARCHAR(40) CHARACTER SET latin1,
  founded YEAR, head INT, PRIMARY KEY (code), UNIQUE KEY (name)
) DEFAULT CHARSET=utf8mb4;
CREATE TABLE worker (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, boss INT, maker CHAR(3) NOT NULL, born DATE,
  wage DECIMAL(9,2) UNSIGNED NOT NULL, active BOOL NOT NULL, skills SET('saw','weld','paint'),
  level ENUM('junior','senior') NOT NULL, started TIME(2), note TEXT,
  FOREIGN KEY (boss) REFERENCES worker (id), FOREIGN KEY (maker) REFERENCES maker (code),
  CHECK (wage BETWEEN 10 AND 5000)
) DEFAULT CHARSET=utf8mb4;
CREATE TABLE `Order` (
  `year` SMALLINT NOT NULL, `no` BIGINT UNSIGNED NOT NULL, worker INT, placed DATETIME(3) NOT NULL,
  seen TIMESTAMP NULL, total DECIMAL(20,6), ratio DOUBLE, weight FLOAT, flags BIT(5),
  detail JSON, seal VARBINARY(12), digest BINARY(4), doubled DECIMAL(21,6) AS (total * 2) STORED,
  PRIMARY KEY (`year`, `no`), FOREIGN KEY (worker) REFERENCES worker (id)
);
CREATE TABLE order_worker (
  `year` SMALLINT NOT NULL, `no` BIGINT UNSIGNED NOT NULL, worker INT NOT NULL, part TINYINT NOT NULL,
  PRIMARY KEY (`year`, `no`, worker),
  FOREIGN KEY (`year`, `no`) REFERENCES `order` (`year`, `no`), FOREIGN KEY (worker) REFERENCES worker (id)
);
CREATE TABLE badge (worker INT NOT NULL PRIMARY KEY, text CHAR(8), FOREIGN KEY (worker) REFERENCES worker (id));
ALTER TABLE maker ADD CONSTRAINT led_by FOREIGN KEY (head) REFERENCES worker (id);
