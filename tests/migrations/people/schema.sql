-- People and their letters: personal data of every type, also in keys.
CREATE TABLE PERSON (
    email VARCHAR(60) NOT NULL /* pii */,
    name VARCHAR(40) NOT NULL,
    born DATE COMMENT 'pii',
    seen_at DATETIME(3),
    salary DECIMAL(12, 3),
    points BIGINT,
    ratio DOUBLE,
    subscribed BOOL,
    level ENUM('low', 'high'),
    badge VARBINARY(20),
    note TEXT,
    city VARCHAR(40),
    PRIMARY KEY (email),
    UNIQUE KEY person_name (name)
);

-- person_email is not tagged: it refers to a tagged column.
CREATE TABLE LETTER (
    id INT NOT NULL,
    person_email VARCHAR(60) NOT NULL,
    body VARCHAR(80) NOT NULL /* pii */,
    PRIMARY KEY (id),
    CONSTRAINT letter_person FOREIGN KEY (person_email) REFERENCES PERSON (email)
);
