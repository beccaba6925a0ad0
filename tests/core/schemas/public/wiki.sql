-- A wiki: everything in binary strings, names from placeholders, indexes made one by one.
CREATE TABLE /*_*/wuser (
  wuser_id int unsigned NOT NULL PRIMARY KEY AUTO_INCREMENT,
  -- Usernames must be unique; compared byte by byte.
  wuser_name varchar(255) binary NOT NULL default '',
  wuser_password tinyblob NOT NULL,
  wuser_token binary(32) NOT NULL default '',
  wuser_touched binary(14) NOT NULL,
  wuser_editcount int /* a cache, may be wrong */
) /*$wgDBTableOptions*/;
CREATE UNIQUE INDEX /*i*/wuser_name ON /*_*/wuser (wuser_name);
CREATE INDEX /*i*/wuser_touched ON /*_*/wuser (wuser_touched);

CREATE TABLE /*_*/leaf (
  leaf_id INT UNSIGNED AUTO_INCREMENT NOT NULL,
  leaf_namespace INT NOT NULL,
  leaf_title VARBINARY(255) NOT NULL,
  leaf_is_redirect TINYINT UNSIGNED DEFAULT 0 NOT NULL,
  leaf_random DOUBLE PRECISION NOT NULL,
  leaf_touched BINARY(14) NOT NULL,
  leaf_len INT UNSIGNED NOT NULL,
  leaf_lang VARBINARY(35) DEFAULT NULL,
  UNIQUE INDEX leaf_name_title (leaf_namespace, leaf_title),
  INDEX leaf_random (leaf_random),
  PRIMARY KEY(leaf_id)
) /*$wgDBTableOptions*/;

CREATE TABLE /*_*/change_log (
  cl_id bigint unsigned NOT NULL PRIMARY KEY AUTO_INCREMENT,
  cl_leaf int unsigned NOT NULL,
  cl_comment varbinary(767) NOT NULL default '',
  cl_timestamp binary(14) NOT NULL default '19700101000000',
  cl_minor tinyint unsigned NOT NULL default 0,
  cl_sha1 varbinary(32) NOT NULL default ''
) /*$wgDBTableOptions*/ MAX_ROWS=10000000 AVG_ROW_LENGTH=1024;
CREATE INDEX /*i*/cl_leaf_time ON /*_*/change_log (cl_leaf,cl_timestamp);

CREATE TABLE /*_*/picture (
  pic_name varbinary(255) NOT NULL default '' PRIMARY KEY,
  pic_size int unsigned NOT NULL default 0,
  pic_metadata mediumblob NOT NULL,
  pic_media_type ENUM("UNKNOWN", "BITMAP", "DRAWING", "AUDIO", "3D") default NULL,
  pic_bits int(3) NOT NULL default 0
) /*$wgDBTableOptions*/;

CREATE TABLE /*_*/leaf_link (
  ll_from int unsigned NOT NULL default 0,
  ll_namespace int NOT NULL default 0,
  ll_title varchar(255) binary NOT NULL default '',
  PRIMARY KEY (ll_from,ll_namespace,ll_title)
) /*$wgDBTableOptions*/;

CREATE TABLE /*_*/cache_of_objects (
  keyname varbinary(255) NOT NULL default '' PRIMARY KEY,
  value mediumblob,
  exptime datetime
) /*$wgDBTableOptions*/;
