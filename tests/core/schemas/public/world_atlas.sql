-- Countries and their cities; a capital is a city, a city lies in a country. An old dump.
CREATE TABLE `Town` (
  `ID` int(11) NOT NULL auto_increment,
  `Name` char(35) NOT NULL default '',
  `LandCode` char(3) NOT NULL default '',
  `District` char(20) NOT NULL default '',
  `Population` int(11) NOT NULL default '0',
  PRIMARY KEY  (`ID`),
  KEY `LandCode` (`LandCode`),
  CONSTRAINT `town_ibfk_1` FOREIGN KEY (`LandCode`) REFERENCES `Land` (`Code`)
) ENGINE=MyISAM AUTO_INCREMENT=4080 DEFAULT CHARSET=latin1;

CREATE TABLE `Land` (
  `Code` char(3) NOT NULL default '',
  `Name` char(52) NOT NULL default '',
  `Continent` enum('Asia','Europe','North America','Africa','Oceania','Antarctica','South America') NOT NULL default 'Asia',
  `Region` char(26) NOT NULL default '',
  `SurfaceArea` float(10,2) NOT NULL default '0.00',
  `IndepYear` smallint(6) default NULL,
  `Population` int(11) NOT NULL default '0',
  `LifeExpectancy` float(3,1) default NULL,
  `GNP` decimal(10,2) default NULL,
  `LocalName` char(45) NOT NULL default '',
  `Capital` int(11) default NULL,
  `Code2` char(2) NOT NULL default '',
  PRIMARY KEY  (`Code`)
) ENGINE=MyISAM DEFAULT CHARSET=latin1 PACK_KEYS=1 CHECKSUM=1 DELAY_KEY_WRITE=1;

CREATE TABLE `LandLanguage` (
  `LandCode` char(3) NOT NULL default '',
  `Language` char(30) NOT NULL default '',
  `IsOfficial` enum('T','F') NOT NULL default 'F',
  `Percentage` float(4,1) NOT NULL default '0.0',
  PRIMARY KEY  (`LandCode`,`Language`)
) ENGINE=MEMORY DEFAULT CHARSET=latin1 MAX_ROWS=1000;

ALTER TABLE `LandLanguage` ADD CONSTRAINT FOREIGN KEY (`LandCode`) REFERENCES `Land` (`Code`);
ALTER TABLE `Land` ADD CONSTRAINT `land_capital` FOREIGN KEY (`Capital`) REFERENCES `Town` (`ID`) ON DELETE SET NULL;
