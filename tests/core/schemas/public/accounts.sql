--
-- Tables of a web framework's accounts, as its migrations make them.
--
CREATE TABLE `acc_content_type` (`id` integer AUTO_INCREMENT NOT NULL PRIMARY KEY, `app_label` varchar(100) NOT NULL, `model` varchar(100) NOT NULL);
ALTER TABLE `acc_content_type` ADD CONSTRAINT `acc_content_type_app_label_model_76bd3d3b_uniq` UNIQUE (`app_label`, `model`);
CREATE TABLE `acc_group` (`id` integer AUTO_INCREMENT NOT NULL PRIMARY KEY, `name` varchar(150) NOT NULL UNIQUE);
CREATE TABLE `acc_permission` (`id` integer AUTO_INCREMENT NOT NULL PRIMARY KEY, `name` varchar(255) NOT NULL, `content_type_id` integer NOT NULL, `codename` varchar(100) NOT NULL);
CREATE TABLE `acc_user` (`id` bigint AUTO_INCREMENT NOT NULL PRIMARY KEY, `password` varchar(128) NOT NULL, `last_login` datetime(6) NULL, `is_superuser` bool NOT NULL, `username` varchar(150) NOT NULL UNIQUE, `first_name` varchar(150) NOT NULL, `email` varchar(254) NOT NULL, `is_active` bool NOT NULL, `date_joined` datetime(6) NOT NULL, `settings` json NOT NULL, `quota` integer UNSIGNED NOT NULL CHECK (`quota` >= 0), `uid` char(32) NOT NULL UNIQUE, `took` bigint NULL, `ratio` double precision NOT NULL);
CREATE TABLE `acc_user_groups` (`id` bigint AUTO_INCREMENT NOT NULL PRIMARY KEY, `user_id` bigint NOT NULL, `group_id` integer NOT NULL);
CREATE TABLE `acc_admin_log` (`id` integer AUTO_INCREMENT NOT NULL PRIMARY KEY, `action_time` datetime(6) NOT NULL, `object_id` longtext NULL, `object_repr` varchar(200) NOT NULL, `action_flag` smallint UNSIGNED NOT NULL CHECK (`action_flag` >= 0), `change_message` longtext NOT NULL, `content_type_id` integer NULL, `user_id` bigint NOT NULL);
CREATE TABLE `acc_session` (`session_key` varchar(40) NOT NULL PRIMARY KEY, `session_data` longtext NOT NULL, `expire_date` datetime(6) NOT NULL);
ALTER TABLE `acc_permission` ADD CONSTRAINT `acc_permission_content_type_id_codename_01ab375a_uniq` UNIQUE (`content_type_id`, `codename`);
ALTER TABLE `acc_permission` ADD CONSTRAINT `acc_permission_content_type_id_2f476e4b_fk_acc_co` FOREIGN KEY (`content_type_id`) REFERENCES `acc_content_type` (`id`);
ALTER TABLE `acc_user_groups` ADD CONSTRAINT `acc_user_groups_user_id_group_id_94350c0c_uniq` UNIQUE (`user_id`, `group_id`);
ALTER TABLE `acc_user_groups` ADD CONSTRAINT `acc_user_groups_user_id_6a12ed8b_fk_acc_user_id` FOREIGN KEY (`user_id`) REFERENCES `acc_user` (`id`);
ALTER TABLE `acc_user_groups` ADD CONSTRAINT `acc_user_groups_group_id_97559544_fk_acc_group_id` FOREIGN KEY (`group_id`) REFERENCES `acc_group` (`id`);
ALTER TABLE `acc_admin_log` ADD CONSTRAINT `acc_admin_log_content_type_id_c4bce8eb_fk_acc_co` FOREIGN KEY (`content_type_id`) REFERENCES `acc_content_type` (`id`);
ALTER TABLE `acc_admin_log` ADD CONSTRAINT `acc_admin_log_user_id_c564eba6_fk_acc_user_id` FOREIGN KEY (`user_id`) REFERENCES `acc_user` (`id`);
CREATE INDEX `acc_session_expire_date_a5c62663` ON `acc_session` (`expire_date`);
