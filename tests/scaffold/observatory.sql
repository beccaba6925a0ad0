/*M!999999\- enable the sandbox mode */
-- MariaDB dump 10.19  Distrib 10.11
/*!40101 SET @saved_cs_client = @@character_set_client */;
/*!40014 SET FOREIGN_KEY_CHECKS=0 */;

DROP TABLE IF EXISTS `Night Log`;
CREATE TABLE `Night Log` (
  `observer` smallint(5) unsigned NOT NULL,
  `night` date NOT NULL,
  `entry no` tinyint(3) unsigned NOT NULL DEFAULT 1,
  `weather` set('clear','cloud','wind') DEFAULT NULL,
  `text` mediumtext DEFAULT NULL,
  `seeing` decimal(6,3) DEFAULT NULL,
  `words` int GENERATED ALWAYS AS (char_length(`text`)) STORED,
  PRIMARY KEY (`observer`,`night`,`entry no`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4 ROW_FORMAT=DYNAMIC;

CREATE TABLE observer (
  id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(80) NOT NULL,
  mentor SMALLINT UNSIGNED DEFAULT NULL,
  born DATE,
  e_mail VARCHAR(120) CHARACTER SET latin1 DEFAULT 'nobody@example.com',
  joined TIMESTAMP(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  active BOOL NOT NULL DEFAULT TRUE,
  PRIMARY KEY (id), UNIQUE KEY (name), KEY (mentor),
  CONSTRAINT has_name CHECK (char_length(name) > 0)
) ENGINE=InnoDB AUTO_INCREMENT=400 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `order` (  -- of telescope time; a reserved word
  `key` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  `observer` smallint(5) unsigned NOT NULL,
  `night` date NOT NULL,
  `entry no` tinyint(3) unsigned DEFAULT NULL,
  `group` char(4) NOT NULL DEFAULT 'main',
  price decimal(12,4) NOT NULL DEFAULT 0.0000,
  cancelled bit(1) NOT NULL DEFAULT b'0',
  options json DEFAULT NULL,
  raw varbinary(20) DEFAULT NULL,
  made year(4) NOT NULL,
  begins time(2) DEFAULT NULL,
  ratio double DEFAULT NULL,
  total decimal(14,4) AS (price * 1.19) VIRTUAL,
  PRIMARY KEY (`key`)
) ENGINE=InnoDB;

ALTER TABLE observer ADD CONSTRAINT taught_by FOREIGN KEY (mentor) REFERENCES observer (id);
ALTER TABLE `order`
  ADD KEY (`observer`,`night`,`entry no`),
  ADD CONSTRAINT ordered_by FOREIGN KEY (`observer`) REFERENCES observer (id) ON UPDATE CASCADE,
  ADD CONSTRAINT noted_in FOREIGN KEY (`observer`,`night`,`entry no`)
    REFERENCES `Night Log` (`observer`,`night`,`entry no`);
