/*******************************************************************************
   A music store, keys all added at the end, national character types.
********************************************************************************/
DROP DATABASE IF EXISTS `MusicStore`;
CREATE DATABASE `MusicStore`;
USE `MusicStore`;

CREATE TABLE `Record`
(
    `RecordId` INT NOT NULL AUTO_INCREMENT,
    `Title` NVARCHAR(160) NOT NULL,
    `BandId` INT NOT NULL,
    CONSTRAINT `PK_Record` PRIMARY KEY  (`RecordId`)
);
CREATE TABLE `Band`
(
    `BandId` INT NOT NULL AUTO_INCREMENT,
    `Name` NVARCHAR(120),
    CONSTRAINT `PK_Band` PRIMARY KEY  (`BandId`)
);
CREATE TABLE `Listener`
(
    `ListenerId` INT NOT NULL AUTO_INCREMENT,
    `FirstName` NVARCHAR(40) NOT NULL,
    `PostalCode` NVARCHAR(10),
    `Email` NVARCHAR(60) NOT NULL,
    `SupportRepId` INT,
    CONSTRAINT `PK_Listener` PRIMARY KEY  (`ListenerId`)
);
CREATE TABLE `Agent`
(
    `AgentId` INT NOT NULL AUTO_INCREMENT,
    `LastName` NVARCHAR(20) NOT NULL,
    `ReportsTo` INT,
    `BirthDate` DATETIME,
    CONSTRAINT `PK_Agent` PRIMARY KEY  (`AgentId`)
);
CREATE TABLE `Bill`
(
    `BillId` INT NOT NULL AUTO_INCREMENT,
    `ListenerId` INT NOT NULL,
    `BillDate` DATETIME NOT NULL,
    `Total` NUMERIC(10,2) NOT NULL,
    CONSTRAINT `PK_Bill` PRIMARY KEY  (`BillId`)
);
CREATE TABLE `BillLine`
(
    `BillLineId` INT NOT NULL AUTO_INCREMENT,
    `BillId` INT NOT NULL,
    `SongId` INT NOT NULL,
    `UnitPrice` NUMERIC(10,2) NOT NULL,
    `Quantity` INT NOT NULL,
    CONSTRAINT `PK_BillLine` PRIMARY KEY  (`BillLineId`)
);
CREATE TABLE `SongList` (`SongListId` INT NOT NULL AUTO_INCREMENT, `Name` NVARCHAR(120),
    CONSTRAINT `PK_SongList` PRIMARY KEY  (`SongListId`));
CREATE TABLE `SongListSong`
(
    `SongListId` INT NOT NULL,
    `SongId` INT NOT NULL,
    CONSTRAINT `PK_SongListSong` PRIMARY KEY  (`SongListId`, `SongId`)
);
CREATE TABLE `Song`
(
    `SongId` INT NOT NULL AUTO_INCREMENT,
    `Name` NVARCHAR(200) NOT NULL,
    `RecordId` INT,
    `Milliseconds` INT NOT NULL,
    `Bytes` INT,
    `UnitPrice` NUMERIC(10,2) NOT NULL,
    CONSTRAINT `PK_Song` PRIMARY KEY  (`SongId`)
);

/* Foreign keys */
ALTER TABLE `Record` ADD CONSTRAINT `FK_RecordBandId`
    FOREIGN KEY (`BandId`) REFERENCES `Band` (`BandId`) ON DELETE NO ACTION ON UPDATE NO ACTION;
CREATE INDEX `IFK_RecordBandId` ON `Record` (`BandId`);
ALTER TABLE `Listener` ADD CONSTRAINT `FK_ListenerSupportRepId`
    FOREIGN KEY (`SupportRepId`) REFERENCES `Agent` (`AgentId`) ON DELETE NO ACTION ON UPDATE NO ACTION;
ALTER TABLE `Agent` ADD CONSTRAINT `FK_AgentReportsTo`
    FOREIGN KEY (`ReportsTo`) REFERENCES `Agent` (`AgentId`) ON DELETE NO ACTION ON UPDATE NO ACTION;
ALTER TABLE `Bill` ADD CONSTRAINT `FK_BillListenerId`
    FOREIGN KEY (`ListenerId`) REFERENCES `Listener` (`ListenerId`);
ALTER TABLE `BillLine` ADD CONSTRAINT `FK_BillLineBillId`
    FOREIGN KEY (`BillId`) REFERENCES `Bill` (`BillId`);
ALTER TABLE `BillLine` ADD CONSTRAINT `FK_BillLineSongId`
    FOREIGN KEY (`SongId`) REFERENCES `Song` (`SongId`);
ALTER TABLE `SongListSong` ADD CONSTRAINT `FK_SLS1` FOREIGN KEY (`SongListId`) REFERENCES `SongList` (`SongListId`),
    ADD CONSTRAINT `FK_SLS2` FOREIGN KEY (`SongId`) REFERENCES `Song` (`SongId`);
ALTER TABLE `Song` ADD CONSTRAINT `FK_SongRecordId` FOREIGN KEY (`RecordId`) REFERENCES `Record` (`RecordId`);

INSERT INTO `Band` (`Name`) VALUES (N'AC;DC'), (N'Motörhead');
