-- The target of the supermarket migration, as the database's owner delivered it.
-- Parents and children stand in no order; three foreign keys come at the end.

CREATE TABLE country (
  code          CHAR(2)           NOT NULL COMMENT 'ISO 3166-1 alpha-2',
  name          VARCHAR(60)       NOT NULL,
  currency      CHAR(3)           NOT NULL COMMENT 'ISO 4217',
  calling_code  SMALLINT UNSIGNED NOT NULL,
  eu_member     BOOL              NOT NULL DEFAULT FALSE,
  vat_rate      DECIMAL(5,4)      NULL COMMENT 'standard rate, 0.1900 is 19 %',
  PRIMARY KEY (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE purchase (
  id             BIGINT        NOT NULL,
  customer_id    BIGINT        NULL COMMENT 'NULL: paid without a customer card',
  staff_id       INT UNSIGNED  NOT NULL DEFAULT 0 COMMENT '0: self checkout',
  purchased_at   DATETIME(3)   NOT NULL COMMENT 'local time of the shop',
  paid_at        TIMESTAMP     NULL DEFAULT NULL,
  payment        ENUM('cash', 'card', 'voucher', 'invoice') NOT NULL,
  total          DECIMAL(10,2) NOT NULL,
  discount_rate  DECIMAL(5,4)  NOT NULL DEFAULT 0,
  receipt        CHAR(14)      NOT NULL,
  remark         VARCHAR(200)  NULL,
  PRIMARY KEY (id),
  UNIQUE KEY purchase_receipt (receipt),
  CONSTRAINT purchase_staff FOREIGN KEY (staff_id) REFERENCES staff (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE staff (
  id            INT UNSIGNED NOT NULL,
  manager_id    INT UNSIGNED NULL,
  first_name    VARCHAR(40)  NOT NULL,
  last_name     VARCHAR(60)  NOT NULL,
  role          ENUM('cashier', 'stock', 'butcher', 'baker', 'manager', 'system') NOT NULL,
  badge         BINARY(8)    NULL COMMENT 'chip number of the key card',
  birth_date    DATE         NULL,
  hired_on      DATE         NOT NULL,
  shift_start   TIME         NULL,
  weekly_hours  DECIMAL(4,1) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY staff_badge (badge),
  CONSTRAINT staff_manager FOREIGN KEY (manager_id) REFERENCES staff (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE customer (
  id             BIGINT        NOT NULL,
  email          VARCHAR(120)  NOT NULL,
  first_name     VARCHAR(60)   NOT NULL,
  last_name      VARCHAR(60)   NOT NULL,
  phone          VARCHAR(24)   NULL,
  birth_date     DATE          NULL,
  country_code   CHAR(2)       NOT NULL,
  postal_code    CHAR(10)      NULL,
  city           VARCHAR(80)   NULL,
  loyalty_level  ENUM('none', 'silver', 'gold') NOT NULL DEFAULT 'none',
  newsletter     BOOL          NOT NULL,
  balance        DECIMAL(10,2) NOT NULL,
  registered_at  DATETIME      NOT NULL COMMENT 'local time of the shop',
  note           TEXT          NULL,
  PRIMARY KEY (id),
  UNIQUE KEY customer_email (email),
  KEY customer_name (last_name, first_name),
  CONSTRAINT customer_country FOREIGN KEY (country_code) REFERENCES country (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE category (
  id           INT UNSIGNED      NOT NULL,
  parent_id    INT UNSIGNED      NULL,
  name         VARCHAR(60)       NOT NULL,
  position     SMALLINT UNSIGNED NOT NULL COMMENT 'order on the shelf plan',
  visible      BOOL              NOT NULL DEFAULT TRUE,
  description  TEXT              NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE brand (
  id            INT UNSIGNED NOT NULL,
  name          VARCHAR(80)  NOT NULL,
  country_code  CHAR(2)      NULL,
  website       VARCHAR(255) NULL,
  founded       YEAR         NULL,
  own_label     BOOL         NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY brand_name (name),
  CONSTRAINT brand_country FOREIGN KEY (country_code) REFERENCES country (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE product (
  id            INT UNSIGNED  NOT NULL,
  sku           CHAR(12)      CHARACTER SET ascii NOT NULL,
  name          VARCHAR(120)  NOT NULL,
  description   TEXT          NULL,
  brand_id      INT UNSIGNED  NULL,
  category_id   INT UNSIGNED  NOT NULL COMMENT 'where it stands; others: product_secondary_category',
  price         DECIMAL(10,2) NOT NULL,
  vat_rate      DECIMAL(5,4)  NOT NULL,
  weight_kg     DOUBLE        NULL,
  labels        SET('organic', 'vegan', 'regional', 'fairtrade') NULL,
  listed_at     DATETIME      NOT NULL COMMENT 'local time of the shop',
  PRIMARY KEY (id),
  UNIQUE KEY product_sku (sku),
  CONSTRAINT product_brand FOREIGN KEY (brand_id) REFERENCES brand (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE product_secondary_category (
  id           BIGINT       NOT NULL COMMENT 'product_id * 1000 + position in the list',
  product_id   INT UNSIGNED NOT NULL,
  category_id  INT UNSIGNED NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY product_category (product_id, category_id),
  CONSTRAINT secondary_product FOREIGN KEY (product_id) REFERENCES product (id),
  CONSTRAINT secondary_category FOREIGN KEY (category_id) REFERENCES category (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE purchase_item (
  purchase_id  BIGINT            NOT NULL,
  line_number  SMALLINT UNSIGNED NOT NULL,
  product_id   INT UNSIGNED      NOT NULL,
  quantity     DECIMAL(8,3)      NOT NULL COMMENT 'pieces or kilograms',
  unit_price   DECIMAL(10,2)     NOT NULL,
  returned     BOOL              NOT NULL DEFAULT FALSE,
  remark       VARCHAR(100)      NULL,
  PRIMARY KEY (purchase_id, line_number),
  CONSTRAINT item_purchase FOREIGN KEY (purchase_id) REFERENCES purchase (id),
  CONSTRAINT item_product FOREIGN KEY (product_id) REFERENCES product (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE cart_item (
  id            BIGINT            NOT NULL,
  customer_id   BIGINT            NOT NULL,
  product_id    INT UNSIGNED      NOT NULL,
  quantity      SMALLINT UNSIGNED NOT NULL,
  added_at      DATETIME          NOT NULL COMMENT 'local time of the shop',
  gift_message  VARCHAR(140)      NULL,
  PRIMARY KEY (id),
  CONSTRAINT cart_customer FOREIGN KEY (customer_id) REFERENCES customer (id),
  CONSTRAINT cart_product FOREIGN KEY (product_id) REFERENCES product (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

ALTER TABLE category
  ADD CONSTRAINT category_parent FOREIGN KEY (parent_id) REFERENCES category (id);

ALTER TABLE product
  ADD CONSTRAINT product_main_category FOREIGN KEY (category_id) REFERENCES category (id);

ALTER TABLE purchase
  ADD CONSTRAINT purchase_customer FOREIGN KEY (customer_id) REFERENCES customer (id);
