-- phpMyAdmin SQL Dump
-- version 5.2.1
-- https://www.phpmyadmin.net/

SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
START TRANSACTION;
SET time_zone = "+00:00";

/*!40101 SET NAMES utf8mb4 */;

--
-- Database: `webshop`
--

-- --------------------------------------------------------

--
-- Table structure for table `ws_article`
--

CREATE TABLE `ws_article` (
  `article_id` int(11) NOT NULL,
  `model` varchar(64) NOT NULL,
  `price` decimal(15,4) NOT NULL DEFAULT 0.0000,
  `date_available` date NOT NULL DEFAULT '0000-00-00',
  `weight` decimal(15,8) NOT NULL DEFAULT 0.00000000,
  `status` tinyint(1) NOT NULL DEFAULT 0,
  `viewed` int(5) NOT NULL DEFAULT 0,
  `date_added` datetime NOT NULL
) ENGINE=MyISAM DEFAULT CHARSET=utf8 COLLATE=utf8_general_ci ROW_FORMAT=FIXED;

--
-- Dumping data for table `ws_article`
--

INSERT INTO `ws_article` (`article_id`, `model`, `price`) VALUES
(28, 'Product 1; CREATE TABLE', '100.0000'),
(29, 'Product\' 2', '279.9900');

CREATE TABLE `ws_article_text` (
  `article_id` int(11) NOT NULL,
  `language_id` int(11) NOT NULL,
  `name` varchar(255) NOT NULL,
  `description` text NOT NULL,
  `tag` text DEFAULT NULL
) ENGINE=MyISAM DEFAULT CHARSET=utf8 COLLATE=utf8_general_ci;

CREATE TABLE `ws_buyer` (
  `buyer_id` int(11) NOT NULL,
  `email` varchar(96) NOT NULL,
  `telephone` varchar(32) NOT NULL,
  `salt` varchar(9) NOT NULL,
  `cart` text DEFAULT NULL,
  `newsletter` tinyint(1) NOT NULL DEFAULT 0,
  `custom_field` text NOT NULL,
  `extra` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`extra`)),
  `ip` varchar(40) NOT NULL
) ENGINE=Aria DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci PAGE_CHECKSUM=1 TRANSACTIONAL=1;

-- As some shop systems name their tables: 64 characters, which leaves no room for a prefix.
CREATE TABLE `catalogue_article_entity_media_gallery_value_to_entity_index_tmp` (
  `value_id` int(10) UNSIGNED NOT NULL COMMENT 'Value ID',
  `the_article_that_the_picture_of_the_gallery_is_to_be_shown_for` int(11) NOT NULL COMMENT 'Article',
  `the_article_that_the_picture_of_the_gallery_is_to_be_shown_fo2` int(11) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='Link Media value to Article; 100%';

--
-- Indexes for dumped tables
--

ALTER TABLE `ws_article`
  ADD PRIMARY KEY (`article_id`);

ALTER TABLE `ws_article_text`
  ADD PRIMARY KEY (`article_id`,`language_id`),
  ADD KEY `name` (`name`);

ALTER TABLE `ws_buyer`
  ADD PRIMARY KEY (`buyer_id`),
  ADD UNIQUE KEY `email` (`email`) USING HASH;

ALTER TABLE `catalogue_article_entity_media_gallery_value_to_entity_index_tmp`
  ADD UNIQUE KEY `CAT_ART_ENTT_MDA_GLR_VAL_ID_AND_SO_ON_UNTIL_THE_NAME_IS_64_LONG_` (`value_id`,`the_article_that_the_picture_of_the_gallery_is_to_be_shown_for`);

--
-- AUTO_INCREMENT for dumped tables
--

ALTER TABLE `ws_article`
  MODIFY `article_id` int(11) NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=50;

ALTER TABLE `ws_buyer`
  MODIFY `buyer_id` int(11) NOT NULL AUTO_INCREMENT;

--
-- Constraints for dumped tables
--

ALTER TABLE `catalogue_article_entity_media_gallery_value_to_entity_index_tmp`
  ADD CONSTRAINT `CAT_ART_ENTT_MDA_GLR_FK_TO_ARTICLE` FOREIGN KEY (`the_article_that_the_picture_of_the_gallery_is_to_be_shown_for`) REFERENCES `ws_article` (`article_id`) ON DELETE CASCADE;
COMMIT;
