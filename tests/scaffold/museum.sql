CREATE TABLE Museum (
  id INTEGER NOT NULL,
  Name VARCHAR(60) NOT NULL,
  director INTEGER NULL,
  opened DATE,
  entry_fee NUMERIC(8,2),
  founded DATETIME,
  CONSTRAINT pk PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
CREATE TABLE Person (
  id INTEGER NOT NULL PRIMARY KEY,
  museum INTEGER NOT NULL,
  head INTEGER,
  full_name VARCHAR(80) NOT NULL,
  cv TEXT,
  photo BLOB,
  FOREIGN KEY (museum) REFERENCES Museum (id),
  FOREIGN KEY (head) REFERENCES Person (id)
) DEFAULT CHARSET=utf8mb4;
CREATE TABLE Exhibit (
  museum INTEGER NOT NULL, number VARCHAR(12) NOT NULL,
  weight DOUBLE, worth DECIMAL(20,6), on_show BOOLEAN NOT NULL DEFAULT 1,
  PRIMARY KEY (museum, number)
) DEFAULT CHARSET=utf8mb4;
CREATE TABLE Loan (
  museum INTEGER NOT NULL, number VARCHAR(12) NOT NULL, since DATE NOT NULL, until DATE,
  borrower INTEGER NOT NULL,
  PRIMARY KEY (museum, number, since)
) DEFAULT CHARSET=utf8mb4;
ALTER TABLE Museum ADD CONSTRAINT led_by FOREIGN KEY (director) REFERENCES Person (id);
ALTER TABLE Exhibit ADD CONSTRAINT shown_in FOREIGN KEY (museum) REFERENCES Museum (id);
ALTER TABLE Loan ADD CONSTRAINT lent FOREIGN KEY (museum, number) REFERENCES Exhibit (museum, number),
  ADD CONSTRAINT lent_to FOREIGN KEY (borrower) REFERENCES Museum (id);
