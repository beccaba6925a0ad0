-- What phpMyAdmin and mysqldump write.
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
START TRANSACTION;

DROP TABLE IF EXISTS `orders`;
/*!40101 SET @saved_cs_client = @@character_set_client */;
CREATE TABLE `orders` (
  `id` int(10) unsigned NOT NULL,
  `buyer` int(11) DEFAULT NULL,
  `state` enum('new','paid','it''s \\ "done"') COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT 'new',
  `price` decimal(10,2) NOT NULL DEFAULT '0.00',
  `rate` float unsigned DEFAULT NULL,
  `note` varchar(200) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT NULL COMMENT 'pii: 10:30',
  `changed` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `vat` decimal(12,4) GENERATED ALWAYS AS (`price` * 0.19) STORED,
  `extra` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`extra`))
) ENGINE=InnoDB AUTO_INCREMENT=1000 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC COMMENT='all; of them';

CREATE TABLE `people` (
  `id` int(11) NOT NULL,
  `friend` int(11) DEFAULT NULL,
  `last_order` int(10) unsigned DEFAULT NULL,
  `email` varchar(255) COLLATE utf8mb4_bin NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT INTO `people` (`id`, `email`) VALUES (1, 'a;b'), (2, 'it''s');

ALTER TABLE `orders`
  ADD PRIMARY KEY (`id`),
  ADD UNIQUE KEY `note` (`note`(50)),
  ADD KEY `buyer` (`buyer`) USING BTREE,
  ADD FULLTEXT KEY `words` (`extra`);
ALTER TABLE `people`
  ADD PRIMARY KEY (`id`),
  ADD UNIQUE KEY `email` (`email`);
ALTER TABLE `orders`
  MODIFY `id` int(10) unsigned NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=1000;
ALTER TABLE `orders`
  ADD CONSTRAINT `orders_buyer` FOREIGN KEY (`buyer`) REFERENCES `people` (`id`) ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE `people`
  ADD CONSTRAINT `people_friend` FOREIGN KEY (`friend`) REFERENCES `people` (`id`),
  ADD FOREIGN KEY (`last_order`) REFERENCES `orders` (`id`);
COMMIT;
