-- A parent, and a child that refers to it.
CREATE TABLE country (
    code CHAR(2) NOT NULL,
    name VARCHAR(40) NOT NULL,
    PRIMARY KEY (code)
);

CREATE TABLE city (
    id INT NOT NULL,
    name VARCHAR(40) NOT NULL COMMENT 'as its people call it',
    country_code CHAR(2) NOT NULL,
    mayor VARCHAR(40),
    PRIMARY KEY (id),
    CONSTRAINT city_country FOREIGN KEY (country_code) REFERENCES country (code)
);
