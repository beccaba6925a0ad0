-- A rental shop for films, in the manner of mysqldump 8. Store and staff refer to each other.
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!50503 SET NAMES utf8mb4 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
CREATE DATABASE /*!32312 IF NOT EXISTS*/ `film_rental` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;
USE `film_rental`;

DROP TABLE IF EXISTS `performer`;
/*!50503 SET character_set_client = utf8mb4 */;
CREATE TABLE `performer` (
  `performer_id` smallint unsigned NOT NULL AUTO_INCREMENT,
  `first_name` varchar(45) NOT NULL,
  `last_name` varchar(45) NOT NULL,
  `last_update` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (`performer_id`),
  KEY `idx_performer_last_name` (`last_name`)
) ENGINE=InnoDB AUTO_INCREMENT=201 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

LOCK TABLES `performer` WRITE;
/*!40000 ALTER TABLE `performer` DISABLE KEYS */;
INSERT INTO `performer` VALUES (1,'Ada','O\'Hara','2006-02-15 04:34:33');
/*!40000 ALTER TABLE `performer` ENABLE KEYS */;
UNLOCK TABLES;

CREATE TABLE `tongue` (
  `tongue_id` tinyint unsigned NOT NULL AUTO_INCREMENT,
  `name` char(20) NOT NULL,
  `last_update` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (`tongue_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE `nation` (
  `nation_id` smallint unsigned NOT NULL AUTO_INCREMENT,
  `nation` varchar(50) NOT NULL,
  PRIMARY KEY (`nation_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE `town` (
  `town_id` smallint unsigned NOT NULL AUTO_INCREMENT,
  `town` varchar(50) NOT NULL,
  `nation_id` smallint unsigned NOT NULL,
  PRIMARY KEY (`town_id`),
  KEY `idx_fk_nation_id` (`nation_id`),
  CONSTRAINT `fk_town_nation` FOREIGN KEY (`nation_id`) REFERENCES `nation` (`nation_id`) ON DELETE RESTRICT ON UPDATE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE `place` (
  `place_id` smallint unsigned NOT NULL AUTO_INCREMENT,
  `line1` varchar(50) NOT NULL,
  `line2` varchar(50) DEFAULT NULL,
  `district` varchar(20) NOT NULL,
  `town_id` smallint unsigned NOT NULL,
  `postal_code` varchar(10) DEFAULT NULL,
  `phone` varchar(20) NOT NULL,
  PRIMARY KEY (`place_id`),
  CONSTRAINT `fk_place_town` FOREIGN KEY (`town_id`) REFERENCES `town` (`town_id`) ON DELETE RESTRICT ON UPDATE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE `film` (
  `film_id` smallint unsigned NOT NULL AUTO_INCREMENT,
  `title` varchar(128) NOT NULL,
  `description` text,
  `release_year` year DEFAULT NULL,
  `tongue_id` tinyint unsigned NOT NULL,
  `original_tongue_id` tinyint unsigned DEFAULT NULL,
  `rental_days` tinyint unsigned NOT NULL DEFAULT '3',
  `rental_rate` decimal(4,2) NOT NULL DEFAULT '4.99',
  `length` smallint unsigned DEFAULT NULL,
  `replacement_cost` decimal(5,2) NOT NULL DEFAULT '19.99',
  `rating` enum('G','PG','PG-13','R','NC-17') DEFAULT 'G',
  `extras` set('Trailers','Commentaries','Deleted Scenes','Behind the Scenes') DEFAULT NULL,
  `last_update` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (`film_id`),
  KEY `idx_title` (`title`),
  CONSTRAINT `fk_film_tongue` FOREIGN KEY (`tongue_id`) REFERENCES `tongue` (`tongue_id`) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT `fk_film_tongue_original` FOREIGN KEY (`original_tongue_id`) REFERENCES `tongue` (`tongue_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE `film_performer` (
  `performer_id` smallint unsigned NOT NULL,
  `film_id` smallint unsigned NOT NULL,
  PRIMARY KEY (`performer_id`,`film_id`),
  KEY `idx_fk_film_id` (`film_id`),
  CONSTRAINT `fk_fp_performer` FOREIGN KEY (`performer_id`) REFERENCES `performer` (`performer_id`),
  CONSTRAINT `fk_fp_film` FOREIGN KEY (`film_id`) REFERENCES `film` (`film_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE `film_words` (
  `film_id` smallint NOT NULL,
  `title` varchar(255) NOT NULL,
  `description` text,
  PRIMARY KEY (`film_id`),
  FULLTEXT KEY `idx_title_description` (`title`,`description`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE `shop` (
  `shop_id` tinyint unsigned NOT NULL AUTO_INCREMENT,
  `manager_id` tinyint unsigned NOT NULL,
  `place_id` smallint unsigned NOT NULL,
  PRIMARY KEY (`shop_id`),
  UNIQUE KEY `idx_unique_manager` (`manager_id`),
  CONSTRAINT `fk_shop_clerk` FOREIGN KEY (`manager_id`) REFERENCES `clerk` (`clerk_id`) ON UPDATE CASCADE,
  CONSTRAINT `fk_shop_place` FOREIGN KEY (`place_id`) REFERENCES `place` (`place_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE `clerk` (
  `clerk_id` tinyint unsigned NOT NULL AUTO_INCREMENT,
  `first_name` varchar(45) NOT NULL,
  `picture` blob,
  `email` varchar(50) DEFAULT NULL,
  `shop_id` tinyint unsigned NOT NULL,
  `active` tinyint(1) NOT NULL DEFAULT '1',
  `username` varchar(16) NOT NULL,
  `password` varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL,
  PRIMARY KEY (`clerk_id`),
  CONSTRAINT `fk_clerk_shop` FOREIGN KEY (`shop_id`) REFERENCES `shop` (`shop_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE `copy` (
  `copy_id` mediumint unsigned NOT NULL AUTO_INCREMENT,
  `film_id` smallint unsigned NOT NULL,
  `shop_id` tinyint unsigned NOT NULL,
  PRIMARY KEY (`copy_id`),
  KEY `idx_shop_film` (`shop_id`,`film_id`),
  CONSTRAINT `fk_copy_film` FOREIGN KEY (`film_id`) REFERENCES `film` (`film_id`),
  CONSTRAINT `fk_copy_shop` FOREIGN KEY (`shop_id`) REFERENCES `shop` (`shop_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE `rental` (
  `rental_id` int NOT NULL AUTO_INCREMENT,
  `rented_at` datetime NOT NULL,
  `copy_id` mediumint unsigned NOT NULL,
  `returned_at` datetime DEFAULT NULL,
  `clerk_id` tinyint unsigned NOT NULL,
  PRIMARY KEY (`rental_id`),
  UNIQUE KEY `rented` (`rented_at`,`copy_id`),
  CONSTRAINT `fk_rental_copy` FOREIGN KEY (`copy_id`) REFERENCES `copy` (`copy_id`),
  CONSTRAINT `fk_rental_clerk` FOREIGN KEY (`clerk_id`) REFERENCES `clerk` (`clerk_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE `payment` (
  `payment_id` smallint unsigned NOT NULL AUTO_INCREMENT,
  `rental_id` int DEFAULT NULL,
  `amount` decimal(5,2) NOT NULL,
  `paid_at` datetime NOT NULL,
  PRIMARY KEY (`payment_id`),
  CONSTRAINT `fk_payment_rental` FOREIGN KEY (`rental_id`) REFERENCES `rental` (`rental_id`) ON DELETE SET NULL ON UPDATE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

/*!50003 SET @saved_sql_mode = @@sql_mode */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `ins_film` AFTER INSERT ON `film` FOR EACH ROW BEGIN
    INSERT INTO film_words (film_id, title, description) VALUES (new.film_id, new.title, new.description);
  END */;;
DELIMITER ;
/*!50001 CREATE VIEW `film_list` AS SELECT 1 AS `FID`,1 AS `title`*/;
/*!50001 DROP VIEW IF EXISTS `film_list`*/;
