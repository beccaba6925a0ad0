-- MySQL Workbench Forward Engineering

SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0;
SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0;
SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_DATE';

-- -----------------------------------------------------
-- Schema wholesale
-- -----------------------------------------------------
CREATE SCHEMA IF NOT EXISTS `wholesale` DEFAULT CHARACTER SET utf8mb4 ;
USE `wholesale` ;

CREATE TABLE IF NOT EXISTS `wholesale`.`Product Groups` (
  `GroupID` INT NOT NULL AUTO_INCREMENT,
  `GroupName` VARCHAR(15) NOT NULL,
  `Description` MEDIUMTEXT NULL DEFAULT NULL,
  `Picture` LONGBLOB NULL,
  PRIMARY KEY (`GroupID`),
  INDEX `GroupName` (`GroupName` ASC) VISIBLE)
ENGINE = InnoDB
DEFAULT CHARACTER SET = utf8mb4;

CREATE TABLE IF NOT EXISTS `wholesale`.`Buyers` (
  `BuyerID` VARCHAR(5) NOT NULL,
  `CompanyName` VARCHAR(40) NOT NULL,
  `Contact Name` VARCHAR(30) NULL,
  `Phone/Fax` VARCHAR(24) NULL,
  `100% discount?` BIT(1) NOT NULL DEFAULT b'0',
  PRIMARY KEY (`BuyerID`),
  INDEX `CompanyName_idx` (`CompanyName` ASC) INVISIBLE)
ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS `wholesale`.`Clerks` (
  `ClerkID` INT NOT NULL AUTO_INCREMENT,
  `LastName` VARCHAR(20) NOT NULL,
  `FirstName` VARCHAR(10) NOT NULL,
  `BirthDate` DATETIME NULL DEFAULT NULL,
  `Notes` MEDIUMTEXT NOT NULL,
  `ReportsTo` INT NULL DEFAULT NULL,
  `Salary` FLOAT NULL DEFAULT NULL,
  PRIMARY KEY (`ClerkID`),
  INDEX `fk_reports_idx` (`ReportsTo` ASC) VISIBLE,
  CONSTRAINT `FK_Clerks_Clerks`
    FOREIGN KEY (`ReportsTo`)
    REFERENCES `wholesale`.`Clerks` (`ClerkID`)
    ON DELETE NO ACTION
    ON UPDATE NO ACTION)
ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS `wholesale`.`Goods` (
  `GoodID` INT NOT NULL AUTO_INCREMENT,
  `GoodName` VARCHAR(40) NOT NULL,
  `GroupID` INT NULL,
  `UnitPrice` DECIMAL(10,4) NULL DEFAULT 0,
  `UnitsInStock` SMALLINT(2) NULL DEFAULT 0,
  `Discontinued` BIT NOT NULL DEFAULT 0,
  PRIMARY KEY (`GoodID`),
  UNIQUE INDEX `GoodName_UNIQUE` (`GoodName` ASC) VISIBLE,
  CONSTRAINT `FK_Goods_Groups`
    FOREIGN KEY (`GroupID`)
    REFERENCES `wholesale`.`Product Groups` (`GroupID`))
ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS `wholesale`.`Orders` (
  `OrderID` INT NOT NULL AUTO_INCREMENT,
  `BuyerID` VARCHAR(5) NULL,
  `ClerkID` INT NULL,
  `OrderDate` DATETIME NULL DEFAULT NULL,
  `Freight` DECIMAL(10,4) NULL DEFAULT 0,
  PRIMARY KEY (`OrderID`),
  CONSTRAINT `FK_Orders_Buyers` FOREIGN KEY (`BuyerID`) REFERENCES `wholesale`.`Buyers` (`BuyerID`),
  CONSTRAINT `FK_Orders_Clerks` FOREIGN KEY (`ClerkID`) REFERENCES `wholesale`.`Clerks` (`ClerkID`))
ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS `wholesale`.`Order Details` (
  `OrderID` INT NOT NULL,
  `GoodID` INT NOT NULL,
  `UnitPrice` DECIMAL(10,4) NOT NULL DEFAULT 0,
  `Quantity` SMALLINT(2) NOT NULL DEFAULT 1,
  `Discount` REAL(8,0) NOT NULL DEFAULT 0,
  PRIMARY KEY (`OrderID`, `GoodID`),
  INDEX `fk_goods` (`GoodID` ASC) VISIBLE,
  CONSTRAINT `FK_Order_Details_Orders` FOREIGN KEY (`OrderID`) REFERENCES `wholesale`.`Orders` (`OrderID`),
  CONSTRAINT `FK_Order_Details_Goods` FOREIGN KEY (`GoodID`) REFERENCES `wholesale`.`Goods` (`GoodID`))
ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS `wholesale`.`Current Goods` (`GoodID` INT, `GoodName` INT);
DROP TABLE IF EXISTS `wholesale`.`Current Goods`;
CREATE OR REPLACE VIEW `Current Goods` AS SELECT GoodID, GoodName FROM Goods WHERE Discontinued = 0;

SET SQL_MODE=@OLD_SQL_MODE;
