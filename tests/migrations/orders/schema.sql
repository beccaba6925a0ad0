-- Customers with tags, and their orders: what rejects of one table do to others.
CREATE TABLE customer (
    id INT UNSIGNED NOT NULL,
    name VARCHAR(20) NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE customer_tag (
    customer_id INT UNSIGNED NOT NULL,
    tag VARCHAR(8) NOT NULL,
    PRIMARY KEY (customer_id, tag),
    CONSTRAINT tag_customer FOREIGN KEY (customer_id) REFERENCES customer (id)
);

CREATE TABLE orders (
    id INT UNSIGNED NOT NULL,
    customer_id INT UNSIGNED NOT NULL,
    amount DECIMAL(8, 2),
    PRIMARY KEY (id),
    CONSTRAINT order_customer FOREIGN KEY (customer_id) REFERENCES customer (id)
);
