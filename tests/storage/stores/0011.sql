BEGIN TRANSACTION;
CREATE TABLE accounts (
	account TEXT NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	online BOOLEAN, 
	checked_at BIGINT, 
	seen_at BIGINT, 
	CONSTRAINT pk_accounts PRIMARY KEY (account)
);
INSERT INTO "accounts" VALUES('1688850000000001','小云',1,1795724207992,1795724208066);
INSERT INTO "accounts" VALUES('1688850000000002','小真',1,1795724207992,1795724208676);
CREATE TABLE actions (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	who TEXT DEFAULT '' NOT NULL, 
	verb TEXT DEFAULT '' NOT NULL, 
	what TEXT DEFAULT '' NOT NULL, 
	affected INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_actions PRIMARY KEY (id)
);
INSERT INTO "actions" VALUES(1,1795724224531,'root','mute','{"mute":1,"kind":"chat","value":"R:10900000000000009","until":"2026-11-27T06:17:04.519+08:00","comment":"试"}',0);
INSERT INTO "actions" VALUES(2,1795724225060,'root','hold','{"ids":["28"]}',1);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0011');
CREATE TABLE allowances (
	name TEXT NOT NULL, 
	calls FLOAT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_allowances PRIMARY KEY (name)
);
CREATE TABLE attempts (
	call_id INTEGER NOT NULL, 
	delivery_id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	chat TEXT NOT NULL, 
	began_at BIGINT NOT NULL, 
	CONSTRAINT pk_attempts PRIMARY KEY (call_id, delivery_id), 
	CONSTRAINT fk_attempts_call_id FOREIGN KEY(call_id) REFERENCES calls (id) ON DELETE CASCADE, 
	CONSTRAINT fk_attempts_delivery_id FOREIGN KEY(delivery_id) REFERENCES deliveries (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "attempts" VALUES(1,1,'1688850000000001','R:10900000000000002',1795724208077);
INSERT INTO "attempts" VALUES(1,2,'1688850000000001','7881300000000001',1795724208077);
INSERT INTO "attempts" VALUES(2,3,'1688850000000001','R:10900000000000002',1795724208159);
INSERT INTO "attempts" VALUES(2,4,'1688850000000001','7881300000000001',1795724208159);
INSERT INTO "attempts" VALUES(3,5,'1688850000000001','R:10900000000000002',1795724208274);
INSERT INTO "attempts" VALUES(3,6,'1688850000000001','7881300000000001',1795724208274);
INSERT INTO "attempts" VALUES(3,7,'1688850000000001','R:10900000000000003',1795724208274);
INSERT INTO "attempts" VALUES(4,8,'1688850000000001','R:10900000000000003',1795724208330);
INSERT INTO "attempts" VALUES(5,9,'1688850000000001','R:10900000000000002',1795724208392);
INSERT INTO "attempts" VALUES(5,10,'1688850000000001','7881300000000001',1795724208392);
INSERT INTO "attempts" VALUES(5,11,'1688850000000001','R:10900000000000003',1795724208392);
INSERT INTO "attempts" VALUES(6,12,'1688850000000001','R:10900000000000003',1795724208449);
INSERT INTO "attempts" VALUES(7,13,'1688850000000001','R:10900000000000003',1795724208524);
INSERT INTO "attempts" VALUES(8,14,'1688850000000002','R:10900000000000002',1795724208680);
INSERT INTO "attempts" VALUES(8,15,'1688850000000002','7881300000000001',1795724208680);
INSERT INTO "attempts" VALUES(8,16,'1688850000000002','R:10900000000000003',1795724208680);
INSERT INTO "attempts" VALUES(9,14,'1688850000000002','R:10900000000000002',1795724208736);
INSERT INTO "attempts" VALUES(10,15,'1688850000000002','7881300000000001',1795724208789);
INSERT INTO "attempts" VALUES(11,17,'1688850000000001','R:10900000000000002',1795724208805);
INSERT INTO "attempts" VALUES(11,18,'1688850000000001','7881300000000001',1795724208805);
INSERT INTO "attempts" VALUES(12,16,'1688850000000002','R:10900000000000003',1795724208844);
INSERT INTO "attempts" VALUES(13,19,'1688850000000001','R:10900000000000002',1795724208886);
INSERT INTO "attempts" VALUES(13,20,'1688850000000001','7881300000000001',1795724208886);
INSERT INTO "attempts" VALUES(14,21,'1688850000000001','R:10900000000000002',1795724224635);
INSERT INTO "attempts" VALUES(14,22,'1688850000000001','7881300000000001',1795724224635);
CREATE TABLE calls (
	id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	message_id INTEGER NOT NULL, 
	began_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	outcome TEXT DEFAULT '' NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	detail TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_calls PRIMARY KEY (id)
);
INSERT INTO "calls" VALUES(1,'1688850000000001',1,1795724208077,1795724208086,'sent','','');
INSERT INTO "calls" VALUES(2,'1688850000000001',7,1795724208159,1795724208168,'sent','','');
INSERT INTO "calls" VALUES(3,'1688850000000001',26,1795724208274,1795724208280,'sent','','');
INSERT INTO "calls" VALUES(4,'1688850000000001',27,1795724208330,1795724208335,'sent','','');
INSERT INTO "calls" VALUES(5,'1688850000000001',32,1795724208392,1795724208398,'sent','','');
INSERT INTO "calls" VALUES(6,'1688850000000001',33,1795724208449,1795724208458,'sent','','');
INSERT INTO "calls" VALUES(7,'1688850000000001',38,1795724208524,1795724208533,'sent','','');
INSERT INTO "calls" VALUES(8,'1688850000000002',40,1795724208680,1795724208685,'refused','bad_parameter','406: param');
INSERT INTO "calls" VALUES(9,'1688850000000002',40,1795724208736,1795724208738,'refused','bad_parameter','406: 目标会话不存在');
INSERT INTO "calls" VALUES(10,'1688850000000002',40,1795724208789,1795724208793,'sent','','');
INSERT INTO "calls" VALUES(11,'1688850000000001',41,1795724208805,1795724208809,'sent','','');
INSERT INTO "calls" VALUES(12,'1688850000000002',40,1795724208844,1795724208850,'refused','bad_parameter','406: 目标会话不存在');
INSERT INTO "calls" VALUES(13,'1688850000000001',42,1795724208886,1795724223894,'unanswered','timeout','no whole answer within 15 s');
INSERT INTO "calls" VALUES(14,'1688850000000001',43,1795724224635,1795724224643,'deferred','offline','1001: 账号不在线,请重新登录');
CREATE TABLE chat_accounts (
	account TEXT NOT NULL, 
	chat TEXT NOT NULL, 
	synced_at BIGINT NOT NULL, 
	CONSTRAINT pk_chat_accounts PRIMARY KEY (account, chat)
)
 WITHOUT ROWID

;
INSERT INTO "chat_accounts" VALUES('1688850000000001','7881300000000001',1795724207979);
INSERT INTO "chat_accounts" VALUES('1688850000000001','7881300000000002',1795724207979);
INSERT INTO "chat_accounts" VALUES('1688850000000001','7881300000000003',1795724207979);
INSERT INTO "chat_accounts" VALUES('1688850000000001','R:10900000000000001',1795724207979);
INSERT INTO "chat_accounts" VALUES('1688850000000001','R:10900000000000002',1795724207979);
INSERT INTO "chat_accounts" VALUES('1688850000000001','R:10900000000000003',1795724207979);
INSERT INTO "chat_accounts" VALUES('1688850000000002','7881300000000001',1795724209611);
INSERT INTO "chat_accounts" VALUES('1688850000000002','7881300000000002',1795724209611);
INSERT INTO "chat_accounts" VALUES('1688850000000002','7881300000000003',1795724209611);
INSERT INTO "chat_accounts" VALUES('1688850000000002','R:10900000000000001',1795724209611);
CREATE TABLE chats (
	id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	earlier_name TEXT DEFAULT '' NOT NULL, 
	renamed_at BIGINT, 
	first_seen_at BIGINT NOT NULL, 
	synced_at BIGINT NOT NULL, 
	CONSTRAINT pk_chats PRIMARY KEY (id)
);
INSERT INTO "chats" VALUES('R:10900000000000001','room','客户一群','',NULL,1795724207979,1795724209611);
INSERT INTO "chats" VALUES('R:10900000000000002','room','运营群','',NULL,1795724207979,1795724207979);
INSERT INTO "chats" VALUES('R:10900000000000003','room','值班群','',NULL,1795724207979,1795724207979);
INSERT INTO "chats" VALUES('7881300000000001','contact','老板','',NULL,1795724207979,1795724209611);
INSERT INTO "chats" VALUES('7881300000000002','contact','王客户','',NULL,1795724207979,1795724209611);
INSERT INTO "chats" VALUES('7881300000000003','contact','李客户','',NULL,1795724207979,1795724209611);
CREATE TABLE cooldowns (
	rule TEXT NOT NULL, 
	"key" TEXT DEFAULT '' NOT NULL, 
	until BIGINT NOT NULL, 
	CONSTRAINT pk_cooldowns PRIMARY KEY (rule, "key")
);
CREATE TABLE cursors (
	account TEXT NOT NULL, 
	chat TEXT DEFAULT '' NOT NULL, 
	svrid TEXT DEFAULT '' NOT NULL, 
	sent_at BIGINT DEFAULT '0' NOT NULL, 
	floor_at BIGINT DEFAULT '0' NOT NULL, 
	pulled_at BIGINT NOT NULL, 
	CONSTRAINT pk_cursors PRIMARY KEY (account, chat)
);
INSERT INTO "cursors" VALUES('1688850000000001','','',0,0,1795724209917);
INSERT INTO "cursors" VALUES('1688850000000002','','',0,0,1795724209920);
CREATE TABLE daemons (
	id INTEGER NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	version TEXT DEFAULT '' NOT NULL, 
	rules_hash TEXT DEFAULT '' NOT NULL, 
	started_at BIGINT NOT NULL, 
	leased_until BIGINT NOT NULL, 
	CONSTRAINT pk_daemons PRIMARY KEY (id)
);
CREATE TABLE decisions (
	message_id INTEGER NOT NULL, 
	nonce INTEGER DEFAULT '0' NOT NULL, 
	reason TEXT NOT NULL, 
	rules TEXT DEFAULT '' NOT NULL, 
	trail TEXT DEFAULT '' NOT NULL, 
	rule_set_id INTEGER, 
	decided_at BIGINT NOT NULL, 
	CONSTRAINT pk_decisions PRIMARY KEY (message_id, nonce), 
	CONSTRAINT fk_decisions_message_id FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE, 
	CONSTRAINT fk_decisions_rule_set_id FOREIGN KEY(rule_set_id) REFERENCES rule_sets (id)
)
 WITHOUT ROWID

;
INSERT INTO "decisions" VALUES(1,0,'matched','["退款"]','',1,1795724208066);
INSERT INTO "decisions" VALUES(2,0,'no_match','[]','',1,1795724208083);
INSERT INTO "decisions" VALUES(3,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true}]}',1,1795724208138);
INSERT INTO "decisions" VALUES(4,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true}]}',1,1795724208142);
INSERT INTO "decisions" VALUES(5,0,'no_match','[]','',1,1795724208148);
INSERT INTO "decisions" VALUES(6,0,'no_match','[]','',1,1795724208151);
INSERT INTO "decisions" VALUES(7,0,'matched','["退款"]','',1,1795724208154);
INSERT INTO "decisions" VALUES(8,0,'no_match','[]','',1,1795724208166);
INSERT INTO "decisions" VALUES(9,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true}]}',1,1795724208218);
INSERT INTO "decisions" VALUES(10,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true}]}',1,1795724208225);
INSERT INTO "decisions" VALUES(11,0,'no_match','[]','',1,1795724208230);
INSERT INTO "decisions" VALUES(12,0,'no_match','[]','',1,1795724208233);
INSERT INTO "decisions" VALUES(13,0,'no_match','[]','',1,1795724208236);
INSERT INTO "decisions" VALUES(14,0,'no_match','[]','',1,1795724208238);
INSERT INTO "decisions" VALUES(15,0,'no_match','[]','',1,1795724208241);
INSERT INTO "decisions" VALUES(16,0,'no_match','[]','',1,1795724208244);
INSERT INTO "decisions" VALUES(17,0,'no_match','[]','',1,1795724208246);
INSERT INTO "decisions" VALUES(18,0,'no_match','[]','',1,1795724208249);
INSERT INTO "decisions" VALUES(19,0,'no_match','[]','',1,1795724208251);
INSERT INTO "decisions" VALUES(20,0,'no_match','[]','',1,1795724208254);
INSERT INTO "decisions" VALUES(21,0,'no_match','[]','',1,1795724208256);
INSERT INTO "decisions" VALUES(22,0,'no_match','[]','',1,1795724208261);
INSERT INTO "decisions" VALUES(23,0,'no_match','[]','',1,1795724208263);
INSERT INTO "decisions" VALUES(24,0,'no_match','[]','',1,1795724208267);
INSERT INTO "decisions" VALUES(25,0,'no_match','[]','',1,1795724208269);
INSERT INTO "decisions" VALUES(26,0,'matched','["退款","merge"]','',1,1795724208272);
INSERT INTO "decisions" VALUES(27,0,'matched','["merge"]','',1,1795724208276);
INSERT INTO "decisions" VALUES(28,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true},{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795724208336);
INSERT INTO "decisions" VALUES(29,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true},{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795724208336);
INSERT INTO "decisions" VALUES(30,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true},{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795724208336);
INSERT INTO "decisions" VALUES(31,0,'self_sent','[]','{"near":[{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795724208384);
INSERT INTO "decisions" VALUES(32,0,'matched','["退款","merge"]','',1,1795724208389);
INSERT INTO "decisions" VALUES(33,0,'matched','["merge"]','',1,1795724208396);
INSERT INTO "decisions" VALUES(34,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true},{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795724208453);
INSERT INTO "decisions" VALUES(35,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true},{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795724208453);
INSERT INTO "decisions" VALUES(36,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true},{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795724208453);
INSERT INTO "decisions" VALUES(37,0,'self_sent','[]','{"near":[{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795724208510);
INSERT INTO "decisions" VALUES(38,0,'matched','["merge"]','',1,1795724208519);
INSERT INTO "decisions" VALUES(39,0,'self_sent','[]','{"near":[{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795724208584);
INSERT INTO "decisions" VALUES(40,0,'matched','["退款","merge"]','',1,1795724208676);
INSERT INTO "decisions" VALUES(41,0,'matched','["退款"]','',1,1795724208801);
INSERT INTO "decisions" VALUES(42,0,'matched','["退款"]','',1,1795724208882);
INSERT INTO "decisions" VALUES(43,0,'matched','["退款"]','',1,1795724224631);
INSERT INTO "decisions" VALUES(44,0,'matched','["退款"]','',1,1795724224638);
INSERT INTO "decisions" VALUES(45,0,'matched','["退款"]','',1,1795724224646);
INSERT INTO "decisions" VALUES(46,0,'matched','["退款"]','',1,1795724224651);
CREATE TABLE deliveries (
	id INTEGER NOT NULL, 
	message_id INTEGER NOT NULL, 
	event TEXT NOT NULL, 
	nonce INTEGER DEFAULT '0' NOT NULL, 
	account TEXT NOT NULL, 
	chat TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	rules TEXT DEFAULT '' NOT NULL, 
	rule TEXT DEFAULT '' NOT NULL, 
	priority INTEGER DEFAULT '0' NOT NULL, 
	turn BIGINT DEFAULT '0' NOT NULL, 
	solo BOOLEAN DEFAULT false NOT NULL, 
	strict BOOLEAN DEFAULT false NOT NULL, 
	parked BOOLEAN DEFAULT false NOT NULL, 
	on_unknown TEXT DEFAULT '' NOT NULL, 
	fingerprint TEXT DEFAULT '' NOT NULL, 
	due_at BIGINT NOT NULL, 
	expires_at BIGINT, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	call_id INTEGER, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_deliveries PRIMARY KEY (id), 
	CONSTRAINT uq_deliveries_event_chat_nonce UNIQUE (event, chat, nonce), 
	CONSTRAINT fk_deliveries_message_id FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
);
INSERT INTO "deliveries" VALUES(1,1,'1000000000000000001.O4mv7e-a',0,'1688850000000001','R:10900000000000002','confirmed','','["退款"]','退款',0,1,0,0,0,'hold','050c1fdf8cfcd24609d4a24b',1795724208065,1795767408062,1,1,1795724208066,1795724208138);
INSERT INTO "deliveries" VALUES(2,1,'1000000000000000001.O4mv7e-a',0,'1688850000000001','7881300000000001','confirmed','','["退款"]','退款',0,1,0,0,0,'hold','050c1fdf8cfcd24609d4a24b',1795724208065,1795767408062,1,1,1795724208066,1795724208142);
INSERT INTO "deliveries" VALUES(3,7,'1000000000000000013.O4mv7e-a',0,'1688850000000001','R:10900000000000002','confirmed','','["退款"]','退款',0,2,0,0,0,'hold','14af8680359c0d4a8ffa593a',1795724208154,1795767408153,1,2,1795724208154,1795724208218);
INSERT INTO "deliveries" VALUES(4,7,'1000000000000000013.O4mv7e-a',0,'1688850000000001','7881300000000001','confirmed','','["退款"]','退款',0,2,0,0,0,'hold','14af8680359c0d4a8ffa593a',1795724208154,1795767408153,1,2,1795724208154,1795724208225);
INSERT INTO "deliveries" VALUES(5,26,'1000000000000000051.O4mv7e-a',0,'1688850000000001','R:10900000000000002','confirmed','','["退款"]','退款',0,3,0,0,0,'hold','be353d43f63f40f13124f931',1795724208272,1795767408271,1,3,1795724208272,1795724208336);
INSERT INTO "deliveries" VALUES(6,26,'1000000000000000051.O4mv7e-a',0,'1688850000000001','7881300000000001','confirmed','','["退款"]','退款',0,3,0,0,0,'hold','be353d43f63f40f13124f931',1795724208272,1795767408271,1,3,1795724208272,1795724208336);
INSERT INTO "deliveries" VALUES(7,26,'1000000000000000051.O4mv7e-a',0,'1688850000000001','R:10900000000000003','confirmed','','["merge"]','merge',0,3,0,0,0,'hold','be353d43f63f40f13124f931',1795724208272,1795767408271,1,3,1795724208272,1795724208336);
INSERT INTO "deliveries" VALUES(8,27,'1000000000000000053.O4mv7e-a',0,'1688850000000001','R:10900000000000003','confirmed','','["merge"]','merge',0,4,0,0,0,'hold','d6c2b0d5ab936a2b1d7f6d48',1795724208276,1795767408276,1,4,1795724208276,1795724208384);
INSERT INTO "deliveries" VALUES(9,32,'1000000000000000063.O4mv7e-a',0,'1688850000000001','R:10900000000000002','confirmed','','["退款"]','退款',0,5,0,0,0,'hold','05cb0050f29aa1488562f129',1795724208389,1795767408388,1,5,1795724208389,1795724208453);
INSERT INTO "deliveries" VALUES(10,32,'1000000000000000063.O4mv7e-a',0,'1688850000000001','7881300000000001','confirmed','','["退款"]','退款',0,5,0,0,0,'hold','05cb0050f29aa1488562f129',1795724208389,1795767408388,1,5,1795724208389,1795724208453);
INSERT INTO "deliveries" VALUES(11,32,'1000000000000000063.O4mv7e-a',0,'1688850000000001','R:10900000000000003','confirmed','','["merge"]','merge',0,5,0,0,0,'hold','05cb0050f29aa1488562f129',1795724208389,1795767408388,1,5,1795724208389,1795724208453);
INSERT INTO "deliveries" VALUES(12,33,'1000000000000000065.O4mv7e-a',0,'1688850000000001','R:10900000000000003','confirmed','','["merge"]','merge',0,6,0,0,0,'hold','c713700cc8bb1be689c93a7e',1795724208394,1795767408394,1,6,1795724208396,1795724208510);
INSERT INTO "deliveries" VALUES(13,38,'1000000000000000075.O4mv7e-a',0,'1688850000000001','R:10900000000000003','confirmed','','["merge"]','merge',0,7,0,0,0,'hold','5c24636e21f5bfc4b519de1e',1795724208518,1795767408517,1,7,1795724208519,1795724208584);
INSERT INTO "deliveries" VALUES(14,40,'1000000000000000079.O4mv7e-a',0,'1688850000000002','R:10900000000000002','failed','bad_parameter','["退款"]','退款',0,1,1,0,0,'hold','be353d43f63f40f13124f931',1795724208685,1795767408675,1,9,1795724208676,1795724208738);
INSERT INTO "deliveries" VALUES(15,40,'1000000000000000079.O4mv7e-a',0,'1688850000000002','7881300000000001','sent','','["退款"]','退款',0,1,1,0,0,'hold','be353d43f63f40f13124f931',1795724208685,1795767408675,1,10,1795724208676,1795724208793);
INSERT INTO "deliveries" VALUES(16,40,'1000000000000000079.O4mv7e-a',0,'1688850000000002','R:10900000000000003','failed','bad_parameter','["merge"]','merge',0,1,1,0,0,'hold','be353d43f63f40f13124f931',1795724208685,1795767408675,1,12,1795724208676,1795724208850);
INSERT INTO "deliveries" VALUES(17,41,'1000000000000000082.O4mv7e-a',0,'1688850000000001','R:10900000000000002','sent','','["退款"]','退款',0,8,0,0,0,'hold','a6d138198f24eec5f9da59e9',1795724208801,1795767408800,1,11,1795724208801,1795724208809);
INSERT INTO "deliveries" VALUES(18,41,'1000000000000000082.O4mv7e-a',0,'1688850000000001','7881300000000001','sent','','["退款"]','退款',0,8,0,0,0,'hold','a6d138198f24eec5f9da59e9',1795724208801,1795767408800,1,11,1795724208801,1795724208809);
INSERT INTO "deliveries" VALUES(19,42,'1000000000000000086.O4mv7e-a',0,'1688850000000001','R:10900000000000002','unknown','timeout','["退款"]','退款',0,9,0,0,0,'hold','bb978d31475a43998e766209',1795724208882,1795767408881,1,13,1795724208882,1795724223894);
INSERT INTO "deliveries" VALUES(20,42,'1000000000000000086.O4mv7e-a',0,'1688850000000001','7881300000000001','unknown','timeout','["退款"]','退款',0,9,0,0,0,'hold','bb978d31475a43998e766209',1795724208882,1795767408881,1,13,1795724208882,1795724223894);
INSERT INTO "deliveries" VALUES(21,43,'1000000000000000090.O4mv7e-a',0,'1688850000000001','R:10900000000000002','pending','offline','["退款"]','退款',0,10,0,0,0,'hold','e3806e5c0dfd02d81279a2e9',1795724224643,1795767424629,0,14,1795724224631,1795724224643);
INSERT INTO "deliveries" VALUES(22,43,'1000000000000000090.O4mv7e-a',0,'1688850000000001','7881300000000001','pending','offline','["退款"]','退款',0,10,0,0,0,'hold','e3806e5c0dfd02d81279a2e9',1795724224643,1795767424629,0,14,1795724224631,1795724224643);
INSERT INTO "deliveries" VALUES(23,44,'1000000000000000092.O4mv7e-a',0,'1688850000000001','R:10900000000000002','pending','','["退款"]','退款',0,11,0,0,0,'hold','632888b253a731d3e78cd1e0',1795724224637,1795767424636,0,NULL,1795724224638,1795724224638);
INSERT INTO "deliveries" VALUES(24,44,'1000000000000000092.O4mv7e-a',0,'1688850000000001','7881300000000001','pending','','["退款"]','退款',0,11,0,0,0,'hold','632888b253a731d3e78cd1e0',1795724224637,1795767424636,0,NULL,1795724224638,1795724224638);
INSERT INTO "deliveries" VALUES(25,45,'1000000000000000094.O4mv7e-a',0,'1688850000000001','R:10900000000000002','pending','','["退款"]','退款',0,12,0,0,0,'hold','1fd1ba9d6a140d5208199c5a',1795724224644,1795767424644,0,NULL,1795724224646,1795724224646);
INSERT INTO "deliveries" VALUES(26,45,'1000000000000000094.O4mv7e-a',0,'1688850000000001','7881300000000001','pending','','["退款"]','退款',0,12,0,0,0,'hold','1fd1ba9d6a140d5208199c5a',1795724224644,1795767424644,0,NULL,1795724224646,1795724224646);
INSERT INTO "deliveries" VALUES(27,46,'1000000000000000096.O4mv7e-a',0,'1688850000000001','R:10900000000000002','pending','','["退款"]','退款',0,13,0,0,0,'hold','88d4705363c4c607880a1f73',1795724224651,1795767424650,0,NULL,1795724224651,1795724224651);
INSERT INTO "deliveries" VALUES(28,46,'1000000000000000096.O4mv7e-a',0,'1688850000000001','7881300000000001','held','operator','["退款"]','退款',0,13,0,0,0,'hold','88d4705363c4c607880a1f73',1795724224651,1795767424650,0,NULL,1795724224651,1795724225055);
CREATE TABLE grants (
	name TEXT NOT NULL, 
	sealed TEXT DEFAULT '' NOT NULL, 
	ends_at BIGINT DEFAULT '0' NOT NULL, 
	fetching_until BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_grants PRIMARY KEY (name)
);
CREATE TABLE held_rules (
	rule TEXT NOT NULL, 
	why TEXT DEFAULT '' NOT NULL, 
	held_at BIGINT NOT NULL, 
	CONSTRAINT pk_held_rules PRIMARY KEY (rule)
);
CREATE TABLE lanes (
	account TEXT NOT NULL, 
	state TEXT DEFAULT 'ready' NOT NULL, 
	next_at BIGINT DEFAULT '0' NOT NULL, 
	strikes INTEGER DEFAULT '0' NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	turn BIGINT DEFAULT '0' NOT NULL, 
	updated_at BIGINT DEFAULT '0' NOT NULL, 
	owner INTEGER, 
	CONSTRAINT pk_lanes PRIMARY KEY (account)
);
INSERT INTO "lanes" VALUES('1688850000000001','offline',1795724254643,1,'1001: 账号不在线,请重新登录',10,1795724224643,NULL);
INSERT INTO "lanes" VALUES('1688850000000002','ready',1795724208900,0,'',1,1795724208850,NULL);
CREATE TABLE late_acks (
	day TEXT NOT NULL, 
	late INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_late_acks PRIMARY KEY (day)
)
 WITHOUT ROWID

;
CREATE TABLE messages (
	id INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	event TEXT NOT NULL, 
	chat TEXT DEFAULT '' NOT NULL, 
	chat_type TEXT DEFAULT '' NOT NULL, 
	sender TEXT DEFAULT '' NOT NULL, 
	type TEXT DEFAULT '' NOT NULL, 
	sent_at BIGINT, 
	received_at BIGINT NOT NULL, 
	source TEXT DEFAULT '' NOT NULL, 
	svrid TEXT DEFAULT '' NOT NULL, 
	wx_svrid TEXT DEFAULT '' NOT NULL, 
	wx_msgid TEXT DEFAULT '' NOT NULL, 
	self_sent BOOLEAN DEFAULT false NOT NULL, 
	opaque BOOLEAN DEFAULT false NOT NULL, 
	text TEXT DEFAULT '' NOT NULL, 
	content TEXT DEFAULT '' NOT NULL, 
	envelope TEXT DEFAULT '' NOT NULL, 
	content_at INTEGER DEFAULT '-1' NOT NULL, 
	fingerprint TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_messages PRIMARY KEY (id), 
	CONSTRAINT uq_messages_account_key UNIQUE (account, "key")
);
INSERT INTO "messages" VALUES(1,'1688850000000001','7000000000000000002','1000000000000000001.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795724208062,1795724208065,'callback','7000000000000000002','1000000000000000001','CAQQ000000000001',0,0,'你好,我要退款','{"items":[{"type":"text","text":"你好,我要退款"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208062,"msg_hash":"d19aa1549c8365f5","client_id":""}',327,'');
INSERT INTO "messages" VALUES(2,'1688850000000001','7000000000000000004','1000000000000000003.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795724208082,1795724208082,'callback','7000000000000000004','1000000000000000003','CAQQ000000000003',0,0,'我要退[微笑]款 😀','{"items":[{"type":"text","text":"我要退"},{"type":"emotion","text":"[微笑]"},{"type":"text","text":"款 😀"}],"at_list":["1688850000000001"]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208082,"msg_hash":"3f851826812ecb6a","client_id":""}',327,'');
INSERT INTO "messages" VALUES(3,'1688850000000001','7000000000000000007','1000000000000000005.j8becHXd','R:10900000000000002','room','1688850000000001','text',1795724208085,1795724208137,'callback','7000000000000000007','1000000000000000005','CAQQ000000000005',1,0,'你好,我要退款','{"items":[{"type":"text","text":"你好,我要退款"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208085,"msg_hash":"d19aa1549c8365f5","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"5","sub_user_id":10087,"target_id":"5","target_wxid":"","task_id":"9007199254740998","user_id":"10021"}}',327,'');
INSERT INTO "messages" VALUES(4,'1688850000000001','7000000000000000008','1000000000000000006.n5hjlJnl','7881300000000001','private','1688850000000001','text',1795724208085,1795724208140,'callback','7000000000000000008','1000000000000000006','CAQQ000000000006',1,0,'你好,我要退款','{"items":[{"type":"text","text":"你好,我要退款"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":1,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208085,"msg_hash":"d19aa1549c8365f5","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"6","sub_user_id":10087,"target_id":"6","target_wxid":"","task_id":"9007199254740999","user_id":"10021"}}',321,'');
INSERT INTO "messages" VALUES(5,'1688850000000001','7000000000000000010','1000000000000000009.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795724208147,1795724208147,'callback','7000000000000000010','1000000000000000009','CAQQ000000000009',0,0,'投诉 / café �','{"items":[{"type":"text","text":"\u6295\u8bc9 \/ caf\u00e9 \ud83d"}],"\u0074race":"\ud83d\ude00"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208147,"msg_hash":"180b04e02edd5250","client_id":"","push_seq":18446744073709551616,"cut":"\udc00"}',327,'');
INSERT INTO "messages" VALUES(6,'1688850000000001','7000000000000000012','1000000000000000011.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795724208150,1795724208150,'callback','7000000000000000012','1000000000000000011','CAQQ000000000011',0,0,'投诉','{ "items" : [ {"text":"投诉", "type":"text"} ] ,
  "seq":9007199254740993, "ratio":1.0, "huge":1E400, "tiny":-0.0e-7, "big":123456789012345678901234567890 }','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208150,"msg_hash":"516532bae47e00b4","client_id":"","server_seq":9007199254740993,"weight":1.0}',327,'');
INSERT INTO "messages" VALUES(7,'1688850000000001','7000000000000000014','1000000000000000013.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795724208153,1795724208154,'callback','7000000000000000014','1000000000000000013','CAQQ000000000013',0,0,'退款','{"items":[{"type":"text","text":"旧"}],"z":1,"a":2,"items":[{"type":"text","text":"退款"}],"z":{}}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208153,"msg_hash":"fa8f457efb506315","client_id":"","client_extra":{"k":1,"k":2}}',327,'');
INSERT INTO "messages" VALUES(8,'1688850000000001','7000000000000000016','1000000000000000015.O4mv7e-a','R:10900000000000001','room','7881300000000002','announcement',1795724208160,1795724208161,'callback','7000000000000000016','1000000000000000015','CAQQ000000000015',0,0,'群公告
本周六停机维护','{"title":"群公告","text":"本周六停机维护","publisher":"7881300000000001","publish_time":1641280299}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208160,"msg_hash":"b96b71b9658fe4aa","client_id":""}',335,'');
INSERT INTO "messages" VALUES(9,'1688850000000001','7000000000000000019','1000000000000000017.j8becHXd','R:10900000000000002','room','1688850000000001','text',1795724208166,1795724208218,'callback','7000000000000000019','1000000000000000017','CAQQ000000000017',1,0,'退款','{"items":[{"type":"text","text":"旧"}],"z":1,"a":2,"items":[{"type":"text","text":"退款"}],"z":{}}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208166,"msg_hash":"fa8f457efb506315","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"17","sub_user_id":10087,"target_id":"17","target_wxid":"","task_id":"9007199254741010","user_id":"10021"}}',327,'');
INSERT INTO "messages" VALUES(10,'1688850000000001','7000000000000000020','1000000000000000018.n5hjlJnl','7881300000000001','private','1688850000000001','text',1795724208166,1795724208220,'callback','7000000000000000020','1000000000000000018','CAQQ000000000018',1,0,'退款','{"items":[{"type":"text","text":"旧"}],"z":1,"a":2,"items":[{"type":"text","text":"退款"}],"z":{}}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":1,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208166,"msg_hash":"fa8f457efb506315","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"18","sub_user_id":10087,"target_id":"18","target_wxid":"","task_id":"9007199254741011","user_id":"10021"}}',321,'');
INSERT INTO "messages" VALUES(11,'1688850000000001','7000000000000000022','1000000000000000021.O4mv7e-a','R:10900000000000001','room','7881300000000002','picture',1795724208229,1795724208229,'callback','7000000000000000022','1000000000000000021','CAQQ000000000021',0,1,'','{"url":"https:\/\/cdn.example.com\/p\/1.jpg?sign=a%2Bb&t=1","md5":"9e107d9d372bb6826bd81d3542a419d6","width":1080,"height":2400,"size":184467440737095516,"file_id":"308188020102"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208229,"msg_hash":"3d362d0cb181c7e4","client_id":""}',330,'');
INSERT INTO "messages" VALUES(12,'1688850000000001','7000000000000000024','1000000000000000023.O4mv7e-a','R:10900000000000001','room','7881300000000002','link',1795724208233,1795724208233,'callback','7000000000000000024','1000000000000000023','CAQQ000000000023',0,0,'年终大促
满 100 减 50','{"url":"https://example.com/a?b=1&c=2#d","title":"年终大促","desc":"满 100 减 50","cover":""}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208233,"msg_hash":"2a8855365292d7a0","client_id":""}',327,'');
INSERT INTO "messages" VALUES(13,'1688850000000001','7000000000000000026','1000000000000000025.O4mv7e-a','R:10900000000000001','room','7881300000000002','voice',1795724208235,1795724208236,'callback','7000000000000000026','1000000000000000025','CAQQ000000000025',0,0,'','{"url":"https://cdn.example.com/v/1.silk","duration":12.50,"size":20480,"text":""}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208235,"msg_hash":"e4f9c152bffeb500","client_id":""}',328,'');
INSERT INTO "messages" VALUES(14,'1688850000000001','7000000000000000028','1000000000000000027.O4mv7e-a','R:10900000000000001','room','7881300000000002','video',1795724208238,1795724208238,'callback','7000000000000000028','1000000000000000027','CAQQ000000000027',0,1,'','{"url":"https://cdn.example.com/m/1.mp4","cover":"https://cdn.example.com/m/1.jpg","duration":31,"size":73400320,"aes_key":"0a0b","extra":null}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208238,"msg_hash":"0a0db371fbad6202","client_id":""}',328,'');
INSERT INTO "messages" VALUES(15,'1688850000000001','7000000000000000030','1000000000000000029.O4mv7e-a','R:10900000000000001','room','7881300000000002','file',1795724208240,1795724208241,'callback','7000000000000000030','1000000000000000029','CAQQ000000000029',0,0,'报价单 (终版).xlsx
报价单 (终版).xlsx','{"name":"报价单 (终版).xlsx","file_name":"报价单 (终版).xlsx","size":9007199254740992001,"url":"https://cdn.example.com/f/1","md5":""}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208240,"msg_hash":"818494589d81b618","client_id":""}',327,'');
INSERT INTO "messages" VALUES(16,'1688850000000001','7000000000000000032','1000000000000000031.O4mv7e-a','R:10900000000000001','room','7881300000000002','program',1795724208244,1795724208244,'callback','7000000000000000032','1000000000000000031','CAQQ000000000031',0,0,'下单小程序','{"title":"下单小程序","cover":"https://cdn.example.com/c.png","page":"pages/index?id=1","org_content":{"page":"pages/index?id=1","appid":"wx0000000000000001","version":1.0}}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208244,"msg_hash":"38ffe694475c7d01","client_id":""}',330,'');
INSERT INTO "messages" VALUES(17,'1688850000000001','7000000000000000034','1000000000000000033.O4mv7e-a','R:10900000000000001','room','7881300000000002','program',1795724208246,1795724208246,'callback','7000000000000000034','1000000000000000033','CAQQ000000000033',0,0,'报名','{"title":"报名","cover":"","page":"p","org_content":"{\"page\":\"p\",\"n\":9007199254740993}"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208246,"msg_hash":"751c27b7eacdbd40","client_id":""}',330,'');
INSERT INTO "messages" VALUES(18,'1688850000000001','7000000000000000036','1000000000000000035.O4mv7e-a','R:10900000000000001','room','7881300000000002','card',1795724208248,1795724208248,'callback','7000000000000000036','1000000000000000035','CAQQ000000000035',0,0,'李客户','{"wxid":"7881300000000003","nickname":"李客户","avatar":"https://wx.example.com/0","corp_wxid":"","corp_name":"微信"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208248,"msg_hash":"05240f29002510ad","client_id":""}',327,'');
INSERT INTO "messages" VALUES(19,'1688850000000001','7000000000000000038','1000000000000000037.O4mv7e-a','R:10900000000000001','room','7881300000000002','channel',1795724208251,1795724208251,'callback','7000000000000000038','1000000000000000037','CAQQ000000000037',0,0,'官方视频号
新品发布
新品发布
#上新','{"nickname":"官方视频号","title":"新品发布","desc":"新品发布\n#上新","url":"https://channels.example.com/1","object_id":14123456789012345678,"nonce_id":"1_0_140_2_0"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208251,"msg_hash":"07201d89eae4c9ed","client_id":""}',330,'');
INSERT INTO "messages" VALUES(20,'1688850000000001','7000000000000000040','1000000000000000039.O4mv7e-a','R:10900000000000001','room','7881300000000002','system',1795724208253,1795724208254,'callback','7000000000000000040','1000000000000000039','CAQQ000000000039',0,0,'"王客户"邀请"李客户"加入了群聊','{"text":"\"王客户\"邀请\"李客户\"加入了群聊","sub_type":1011}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208253,"msg_hash":"b62b2eaa8fa6a11d","client_id":""}',329,'');
INSERT INTO "messages" VALUES(21,'1688850000000001','7000000000000000042','1000000000000000041.O4mv7e-a','R:10900000000000001','room','7881300000000002','revoke',1795724208256,1795724208256,'callback','7000000000000000042','1000000000000000041','CAQQ000000000041',0,0,'王客户撤回了一条消息','{"text":"王客户撤回了一条消息","revoke_svrid":"7999999999999999999","revoke_wx_svrid":1999999999999999999}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208256,"msg_hash":"6156b3399dfcc0ac","client_id":""}',329,'');
INSERT INTO "messages" VALUES(22,'1688850000000001','7000000000000000044','1000000000000000043.O4mv7e-a','R:10900000000000001','room','7881300000000002','location',1795724208260,1795724208261,'callback','7000000000000000044','1000000000000000043','CAQQ000000000043',0,0,'人民广场
上海市黄浦区','{"title":"人民广场","address":"上海市黄浦区","latitude":31.230390000000000,"longitude":121.473702,"zoom":15.0}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208260,"msg_hash":"da44e210045c0c70","client_id":""}',331,'');
INSERT INTO "messages" VALUES(23,'1688850000000001','7000000000000000046','1000000000000000045.O4mv7e-a','R:10900000000000001','room','7881300000000002','redpacket',1795724208263,1795724208263,'callback','7000000000000000046','1000000000000000045','CAQQ000000000045',0,0,'恭喜发财,大吉大利','{"title":"恭喜发财,大吉大利","type":1,"order_id":"1000050001202601010000000000001"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208263,"msg_hash":"f50eb67efc9e6f2e","client_id":""}',332,'');
INSERT INTO "messages" VALUES(24,'1688850000000001','7000000000000000048','1000000000000000047.O4mv7e-a','R:10900000000000001','room','7881300000000002','emotionpic',1795724208266,1795724208267,'callback','7000000000000000048','1000000000000000047','CAQQ000000000047',0,1,'','{"url":"https:\/\/wx.example.com\/e.gif","md5":"d41d8cd98f00b204e9800998ecf8427e","type":2}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208266,"msg_hash":"50b21c3b21143f98","client_id":""}',333,'');
INSERT INTO "messages" VALUES(25,'1688850000000001','7000000000000000050','1000000000000000049.O4mv7e-a','R:10900000000000001','room','7881300000000002','imgtext',1795724208269,1795724208269,'callback','7000000000000000050','1000000000000000049','CAQQ000000000049',0,0,'头条
第一篇
次条
第二篇','{"articles":[{"title":"头条","desc":"第一篇","url":"https://mp.example.com/1","cover":""},{"title":"次条","desc":"第二篇","url":"https://mp.example.com/2","cover":""}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208269,"msg_hash":"a564d63361a3177e","client_id":""}',330,'');
INSERT INTO "messages" VALUES(26,'1688850000000001','7000000000000000052','1000000000000000051.O4mv7e-a','R:10900000000000001','room','7881300000000002','merge',1795724208271,1795724208272,'callback','7000000000000000052','1000000000000000051','CAQQ000000000051',0,0,'王客户和李客户的聊天记录
王客户: 我要退款
李客户: [图片]
王客户
我要退款
李客户','{"title":"王客户和李客户的聊天记录","desc":"王客户: 我要退款\n李客户: [图片]","items":[{"nickname":"王客户","avatar":"","msg_type":"text","msg_time":1641280200000,"content":{"items":[{"type":"text","text":"我要退款"}]}},{"nickname":"李客户","avatar":"","msg_type":"picture","msg_time":1641280201000,"content":{"url":"https://cdn.example.com/p/2.jpg","file_id":"30818802010204"}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208271,"msg_hash":"89fb267f5c1c312a","client_id":""}',328,'');
INSERT INTO "messages" VALUES(27,'1688850000000001','7000000000000000054','1000000000000000053.O4mv7e-a','R:10900000000000001','room','7881300000000002','merge',1795724208276,1795724208276,'callback','7000000000000000054','1000000000000000053','CAQQ000000000053',0,0,'群聊的聊天记录
老板: [聊天记录]
老板
客户一群的聊天记录
王客户
投诉到底
李客户
更早的
最早的一句','{"title":"群聊的聊天记录","desc":"老板: [聊天记录]","items":[{"nickname":"老板","msg_type":"merge","msg_time":1641280299000,"content":{"title":"客户一群的聊天记录","items":[{"nickname":"王客户","msg_type":"text","msg_time":1641280100000,"content":{"items":[{"type":"text","text":"投诉到底"}]}},{"nickname":"李客户","msg_type":"merge","content":{"title":"更早的","items":[{"msg_type":"text","content":{"items":[{"type":"text","text":"最早的一句"}]}}]}}]}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208276,"msg_hash":"3c67203c52175f13","client_id":""}',328,'');
INSERT INTO "messages" VALUES(28,'1688850000000001','7000000000000000058','1000000000000000055.j8becHXd','R:10900000000000002','room','1688850000000001','merge',1795724208279,1795724208334,'callback','7000000000000000058','1000000000000000055','CAQQ000000000055',1,0,'王客户和李客户的聊天记录
王客户: 我要退款
李客户: [图片]
王客户
我要退款
李客户','{"title":"王客户和李客户的聊天记录","desc":"王客户: 我要退款\n李客户: [图片]","items":[{"nickname":"王客户","avatar":"","msg_type":"text","msg_time":1641280200000,"content":{"items":[{"type":"text","text":"我要退款"}]}},{"nickname":"李客户","avatar":"","msg_type":"picture","msg_time":1641280201000,"content":{"url":"https://cdn.example.com/p/2.jpg","file_id":"30818802010204"}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208279,"msg_hash":"89fb267f5c1c312a","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"55","sub_user_id":10087,"target_id":"55","target_wxid":"","task_id":"9007199254741048","user_id":"10021"}}',328,'');
INSERT INTO "messages" VALUES(29,'1688850000000001','7000000000000000059','1000000000000000056.n5hjlJnl','7881300000000001','private','1688850000000001','merge',1795724208279,1795724208334,'callback','7000000000000000059','1000000000000000056','CAQQ000000000056',1,0,'王客户和李客户的聊天记录
王客户: 我要退款
李客户: [图片]
王客户
我要退款
李客户','{"title":"王客户和李客户的聊天记录","desc":"王客户: 我要退款\n李客户: [图片]","items":[{"nickname":"王客户","avatar":"","msg_type":"text","msg_time":1641280200000,"content":{"items":[{"type":"text","text":"我要退款"}]}},{"nickname":"李客户","avatar":"","msg_type":"picture","msg_time":1641280201000,"content":{"url":"https://cdn.example.com/p/2.jpg","file_id":"30818802010204"}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":1,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208279,"msg_hash":"89fb267f5c1c312a","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"56","sub_user_id":10087,"target_id":"56","target_wxid":"","task_id":"9007199254741049","user_id":"10021"}}',322,'');
INSERT INTO "messages" VALUES(30,'1688850000000001','7000000000000000060','1000000000000000057.Pv3N5T6A','R:10900000000000003','room','1688850000000001','merge',1795724208279,1795724208335,'callback','7000000000000000060','1000000000000000057','CAQQ000000000057',1,0,'王客户和李客户的聊天记录
王客户: 我要退款
李客户: [图片]
王客户
我要退款
李客户','{"title":"王客户和李客户的聊天记录","desc":"王客户: 我要退款\n李客户: [图片]","items":[{"nickname":"王客户","avatar":"","msg_type":"text","msg_time":1641280200000,"content":{"items":[{"type":"text","text":"我要退款"}]}},{"nickname":"李客户","avatar":"","msg_type":"picture","msg_time":1641280201000,"content":{"url":"https://cdn.example.com/p/2.jpg","file_id":"30818802010204"}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208279,"msg_hash":"89fb267f5c1c312a","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"57","sub_user_id":10087,"target_id":"57","target_wxid":"","task_id":"9007199254741050","user_id":"10021"}}',328,'');
INSERT INTO "messages" VALUES(31,'1688850000000001','7000000000000000062','1000000000000000061.Pv3N5T6A','R:10900000000000003','room','1688850000000001','merge',1795724208332,1795724208384,'callback','7000000000000000062','1000000000000000061','CAQQ000000000061',1,0,'群聊的聊天记录
老板: [聊天记录]
老板
客户一群的聊天记录
王客户
投诉到底
李客户
更早的
最早的一句','{"title":"群聊的聊天记录","desc":"老板: [聊天记录]","items":[{"nickname":"老板","msg_type":"merge","msg_time":1641280299000,"content":{"title":"客户一群的聊天记录","items":[{"nickname":"王客户","msg_type":"text","msg_time":1641280100000,"content":{"items":[{"type":"text","text":"投诉到底"}]}},{"nickname":"李客户","msg_type":"merge","content":{"title":"更早的","items":[{"msg_type":"text","content":{"items":[{"type":"text","text":"最早的一句"}]}}]}}]}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208332,"msg_hash":"3c67203c52175f13","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"61","sub_user_id":10087,"target_id":"61","target_wxid":"","task_id":"9007199254741054","user_id":"10021"}}',328,'');
INSERT INTO "messages" VALUES(32,'1688850000000001','7000000000000000064','1000000000000000063.O4mv7e-a','R:10900000000000001','room','7881300000000002','merge',1795724208388,1795724208389,'callback','7000000000000000064','1000000000000000063','CAQQ000000000063',0,0,'聊天记录 �
退款','{"title":"聊天记录","title":"\u804a\u5929\u8bb0\u5f55 \ud83d","record_id":18014398509481985,
	"items" : [ { "content":{"items":[{"text":"退\u6b3e","type":"text"}]},"msg_type":"text","n":1.0,"n":1.00} , {"msg_type":"unheard_of","content":[[[]],{},null,true,-0,1E400]} ],"":"","\u0000":"\u0001"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208388,"msg_hash":"821df9d7a903c519","client_id":"","unknown_member":[1.0,{"x":9007199254740993}]}',328,'');
INSERT INTO "messages" VALUES(33,'1688850000000001','7000000000000000066','1000000000000000065.O4mv7e-a','R:10900000000000001','room','7881300000000002','merge',1795724208394,1795724208394,'callback','7000000000000000066','1000000000000000065','CAQQ000000000065',0,1,'聊天记录','{"title":"聊天记录","xml":"<recordinfo><title>聊天记录<\/title><datalist count=\"1\"><dataitem><datadesc>退款<\/datadesc><\/dataitem><\/datalist><\/recordinfo>","count":1}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208394,"msg_hash":"96fb2b2779ec67af","client_id":""}',328,'');
INSERT INTO "messages" VALUES(34,'1688850000000001','7000000000000000070','1000000000000000067.j8becHXd','R:10900000000000002','room','1688850000000001','merge',1795724208397,1795724208449,'callback','7000000000000000070','1000000000000000067','CAQQ000000000067',1,0,'聊天记录 �
退款','{"title":"聊天记录","title":"\u804a\u5929\u8bb0\u5f55 \ud83d","record_id":18014398509481985,
	"items" : [ { "content":{"items":[{"text":"退\u6b3e","type":"text"}]},"msg_type":"text","n":1.0,"n":1.00} , {"msg_type":"unheard_of","content":[[[]],{},null,true,-0,1E400]} ],"":"","\u0000":"\u0001"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208397,"msg_hash":"821df9d7a903c519","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"67","sub_user_id":10087,"target_id":"67","target_wxid":"","task_id":"9007199254741060","user_id":"10021"}}',328,'');
INSERT INTO "messages" VALUES(35,'1688850000000001','7000000000000000071','1000000000000000068.n5hjlJnl','7881300000000001','private','1688850000000001','merge',1795724208397,1795724208450,'callback','7000000000000000071','1000000000000000068','CAQQ000000000068',1,0,'聊天记录 �
退款','{"title":"聊天记录","title":"\u804a\u5929\u8bb0\u5f55 \ud83d","record_id":18014398509481985,
	"items" : [ { "content":{"items":[{"text":"退\u6b3e","type":"text"}]},"msg_type":"text","n":1.0,"n":1.00} , {"msg_type":"unheard_of","content":[[[]],{},null,true,-0,1E400]} ],"":"","\u0000":"\u0001"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":1,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208397,"msg_hash":"821df9d7a903c519","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"68","sub_user_id":10087,"target_id":"68","target_wxid":"","task_id":"9007199254741061","user_id":"10021"}}',322,'');
INSERT INTO "messages" VALUES(36,'1688850000000001','7000000000000000072','1000000000000000069.Pv3N5T6A','R:10900000000000003','room','1688850000000001','merge',1795724208397,1795724208451,'callback','7000000000000000072','1000000000000000069','CAQQ000000000069',1,0,'聊天记录 �
退款','{"title":"聊天记录","title":"\u804a\u5929\u8bb0\u5f55 \ud83d","record_id":18014398509481985,
	"items" : [ { "content":{"items":[{"text":"退\u6b3e","type":"text"}]},"msg_type":"text","n":1.0,"n":1.00} , {"msg_type":"unheard_of","content":[[[]],{},null,true,-0,1E400]} ],"":"","\u0000":"\u0001"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208397,"msg_hash":"821df9d7a903c519","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"69","sub_user_id":10087,"target_id":"69","target_wxid":"","task_id":"9007199254741062","user_id":"10021"}}',328,'');
INSERT INTO "messages" VALUES(37,'1688850000000001','7000000000000000074','1000000000000000073.Pv3N5T6A','R:10900000000000003','room','1688850000000001','merge',1795724208457,1795724208509,'callback','7000000000000000074','1000000000000000073','CAQQ000000000073',1,1,'聊天记录','{"title":"聊天记录","xml":"<recordinfo><title>聊天记录<\/title><datalist count=\"1\"><dataitem><datadesc>退款<\/datadesc><\/dataitem><\/datalist><\/recordinfo>","count":1}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208457,"msg_hash":"96fb2b2779ec67af","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"73","sub_user_id":10087,"target_id":"73","target_wxid":"","task_id":"9007199254741066","user_id":"10021"}}',328,'');
INSERT INTO "messages" VALUES(38,'1688850000000001','7000000000000000076','1000000000000000075.O4mv7e-a','R:10900000000000001','room','7881300000000002','merge',1795724208517,1795724208518,'callback','7000000000000000076','1000000000000000075','CAQQ000000000075',0,0,'群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
最里面
底','{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"最里面","items":[{"msg_type":"text","content":{"items":[{"type":"text","text":"底"}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208517,"msg_hash":"4cccd896afd64fc5","client_id":""}',328,'');
INSERT INTO "messages" VALUES(39,'1688850000000001','7000000000000000078','1000000000000000077.Pv3N5T6A','R:10900000000000003','room','1688850000000001','merge',1795724208531,1795724208584,'callback','7000000000000000078','1000000000000000077','CAQQ000000000077',1,0,'群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
群聊的聊天记录
最里面
底','{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"最里面","items":[{"msg_type":"text","content":{"items":[{"type":"text","text":"底"}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208531,"msg_hash":"4cccd896afd64fc5","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"77","sub_user_id":10087,"target_id":"77","target_wxid":"","task_id":"9007199254741070","user_id":"10021"}}',328,'');
INSERT INTO "messages" VALUES(40,'1688850000000002','7000000000000000080','1000000000000000079.O4mv7e-a','R:10900000000000001','room','7881300000000003','merge',1795724208675,1795724208676,'callback','7000000000000000080','1000000000000000079','CAQQ000000000079',0,0,'王客户和李客户的聊天记录
王客户: 我要退款
李客户: [图片]
王客户
我要退款
李客户','{"title":"王客户和李客户的聊天记录","desc":"王客户: 我要退款\n李客户: [图片]","items":[{"nickname":"王客户","avatar":"","msg_type":"text","msg_time":1641280200000,"content":{"items":[{"type":"text","text":"我要退款"}]}},{"nickname":"李客户","avatar":"","msg_type":"picture","msg_time":1641280201000,"content":{"url":"https://cdn.example.com/p/2.jpg","file_id":"30818802010204"}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208675,"msg_hash":"89fb267f5c1c312a","client_id":""}',328,'');
INSERT INTO "messages" VALUES(41,'1688850000000001','7000000000000000083','1000000000000000082.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795724208800,1795724208801,'callback','7000000000000000083','1000000000000000082','CAQQ000000000082',0,0,'退款 没有回音','{"items": [{"type": "text", "text": "退款 没有回音"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208800,"msg_hash":"c5ba3a767d8b11a0","client_id":""}',327,'');
INSERT INTO "messages" VALUES(42,'1688850000000001','7000000000000000087','1000000000000000086.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795724208881,1795724208882,'callback','7000000000000000087','1000000000000000086','CAQQ000000000086',0,0,'退款 不知道','{"items": [{"type": "text", "text": "退款 不知道"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724208881,"msg_hash":"be578043e114252c","client_id":""}',327,'');
INSERT INTO "messages" VALUES(43,'1688850000000001','7000000000000000091','1000000000000000090.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795724224629,1795724224630,'callback','7000000000000000091','1000000000000000090','CAQQ000000000090',0,0,'退款 等着 0','{"items": [{"type": "text", "text": "退款 等着 0"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724224629,"msg_hash":"68fee788129bb965","client_id":""}',327,'');
INSERT INTO "messages" VALUES(44,'1688850000000001','7000000000000000093','1000000000000000092.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795724224636,1795724224637,'callback','7000000000000000093','1000000000000000092','CAQQ000000000092',0,0,'退款 等着 1','{"items": [{"type": "text", "text": "退款 等着 1"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724224636,"msg_hash":"6011397d7a1677b7","client_id":""}',327,'');
INSERT INTO "messages" VALUES(45,'1688850000000001','7000000000000000095','1000000000000000094.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795724224644,1795724224644,'callback','7000000000000000095','1000000000000000094','CAQQ000000000094',0,0,'退款 等着 2','{"items": [{"type": "text", "text": "退款 等着 2"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724224644,"msg_hash":"f6610100e6fd0323","client_id":""}',327,'');
INSERT INTO "messages" VALUES(46,'1688850000000001','7000000000000000097','1000000000000000096.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795724224650,1795724224651,'callback','7000000000000000097','1000000000000000096','CAQQ000000000096',0,0,'退款 等着 3','{"items": [{"type": "text", "text": "退款 等着 3"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795724224650,"msg_hash":"c92ae7b688818ff0","client_id":""}',327,'');
CREATE TABLE mutes (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	value TEXT NOT NULL, 
	until BIGINT NOT NULL, 
	comment TEXT DEFAULT '' NOT NULL, 
	who TEXT DEFAULT '' NOT NULL, 
	created_at BIGINT NOT NULL, 
	lifted_at BIGINT, 
	CONSTRAINT pk_mutes PRIMARY KEY (id)
);
INSERT INTO "mutes" VALUES(1,'chat','R:10900000000000009',1795731424519,'试','root',1795724224527,NULL);
CREATE TABLE notices (
	id INTEGER NOT NULL, 
	received_at BIGINT NOT NULL, 
	source TEXT DEFAULT '' NOT NULL, 
	account TEXT DEFAULT '' NOT NULL, 
	type TEXT DEFAULT '' NOT NULL, 
	body TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_notices PRIMARY KEY (id)
);
INSERT INTO "notices" VALUES(1,1795724208639,'callback','1688850000000001','contacts','{"type":"contacts  ","corp_wxid":"1970325000000001","rel_wxid":"1688850000000001","data":{"a":1}}');
CREATE TABLE probes (
	name TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_probes PRIMARY KEY (name)
);
INSERT INTO "probes" VALUES('ready',1795724222898);
CREATE TABLE publications (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	who TEXT DEFAULT '' NOT NULL, 
	rule_set_id INTEGER, 
	CONSTRAINT pk_publications PRIMARY KEY (id), 
	CONSTRAINT fk_publications_rule_set_id FOREIGN KEY(rule_set_id) REFERENCES rule_sets (id)
);
CREATE TABLE quarantine (
	id INTEGER NOT NULL, 
	received_at BIGINT NOT NULL, 
	source TEXT DEFAULT '' NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	detail TEXT DEFAULT '' NOT NULL, 
	body BLOB NOT NULL, 
	CONSTRAINT pk_quarantine PRIMARY KEY (id)
);
INSERT INTO "quarantine" VALUES(1,1795724208668,'callback','decrypt','no form of the body decrypts to JSON: is callback.aes_key right?',X'626D393049473931636E4D3D');
CREATE TABLE rule_changes (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	rule_set_id INTEGER NOT NULL, 
	rules INTEGER DEFAULT '0' NOT NULL, 
	summary TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_rule_changes PRIMARY KEY (id), 
	CONSTRAINT fk_rule_changes_rule_set_id FOREIGN KEY(rule_set_id) REFERENCES rule_sets (id)
);
INSERT INTO "rule_changes" VALUES(1,1795724207885,1,2,'{"added": ["merge", "退款"], "changed": [], "removed": []}');
INSERT INTO "rule_changes" VALUES(2,1795724225462,2,2,'{"added": [], "changed": ["merge"], "removed": []}');
CREATE TABLE rule_matches (
	rule TEXT NOT NULL, 
	known_at BIGINT NOT NULL, 
	matched_at BIGINT, 
	matches BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_rule_matches PRIMARY KEY (rule)
)
 WITHOUT ROWID

;
INSERT INTO "rule_matches" VALUES('merge',1795724207986,1795724208676,6);
INSERT INTO "rule_matches" VALUES('退款',1795724207986,1795724224651,11);
CREATE TABLE rule_sets (
	id INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	loaded_at BIGINT NOT NULL, 
	packed BLOB DEFAULT '' NOT NULL, 
	CONSTRAINT pk_rule_sets PRIMARY KEY (id), 
	CONSTRAINT uq_rule_sets_hash UNIQUE (hash)
);
INSERT INTO "rule_sets" VALUES(1,'54d93beb132aa204',1795724207885,X'789C8D8E4D0E82301085AF42666D84CA422471E11574490969608426D092524524241CC833781C136F2114FF162E9CDDBC99F7BDD7823AE458CDB52C72F041F302CF52A0B5B6286C2ACEEC5DC6449A314E818A2030CF6148054FCCCBBDEF6F97EB78DB4B553395445A0E8780C2D627CECAF99E0585D960597A1E713F2AA130E0EA0CC5E06BAD580ACDB8A826C80B1F5ADDAFF402558AFF85BB26064F25C63AC223AAC6104832DA735E703DED8E63936CD4DE8D7453E2447DC69932D03D00F41A65AE');
INSERT INTO "rule_sets" VALUES(2,'e2a7a387c0e4764c',1795724225462,X'789C8D8E4D0E82301085AF42666D844A8C68E2C22BE89212D2C0084DA025A58A4848389067F03826DE4228FE2D5C38BB7933EF7BAF0175C8B09C6A9967B002CD733C4B81D6DAA2B02939B377291349CA38052A7CDF3C0701153C362FF7AEBB5DAEC36D2F55C5541C6AD91F7C0ADB157196CEF7CC284C7ACBC2F388FB5109851E57A5287A5F63455268C64539425EF8C06A7FA5E7A812FC2FDC3531782A30D2211E51D58640E2C19EF19C6BB3CF1D9BA483F42EA4EB0247E833CD7481F60194776582');
CREATE TABLE troubles (
	kind TEXT NOT NULL, 
	subject TEXT DEFAULT '' NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	since BIGINT NOT NULL, 
	gone_at BIGINT DEFAULT '0' NOT NULL, 
	told_at BIGINT DEFAULT '0' NOT NULL, 
	level INTEGER DEFAULT '0' NOT NULL, 
	open BOOLEAN DEFAULT false NOT NULL, 
	CONSTRAINT pk_troubles PRIMARY KEY (kind, subject)
)
 WITHOUT ROWID

;
INSERT INTO "troubles" VALUES('quarantined','','',1795724212897,0,0,0,0);
CREATE INDEX ix_chats_kind_id ON chats (kind, id);
CREATE INDEX ix_chat_accounts_chat ON chat_accounts (chat);
CREATE INDEX ix_messages_chat_id ON messages (chat, id);
CREATE INDEX ix_messages_event ON messages (event);
CREATE INDEX ix_messages_received_at ON messages (received_at);
CREATE INDEX ix_calls_account_began_at ON calls (account, began_at);
CREATE INDEX ix_calls_message_id ON calls (message_id);
CREATE INDEX ix_mutes_until ON mutes (until);
CREATE INDEX ix_cooldowns_until ON cooldowns (until);
CREATE INDEX ix_decisions_too_old ON decisions (decided_at) WHERE reason = 'too_old';
CREATE INDEX ix_deliveries_queue ON deliveries (account, priority DESC, turn, attempts, id) WHERE state = 'pending' AND NOT parked;
CREATE INDEX ix_deliveries_due ON deliveries (account, due_at) WHERE state = 'pending' AND parked;
CREATE INDEX ix_deliveries_message_id ON deliveries (message_id);
CREATE INDEX ix_deliveries_expires ON deliveries (expires_at) WHERE state = 'pending';
CREATE INDEX ix_deliveries_state ON deliveries (state, id);
CREATE INDEX ix_deliveries_fingerprint_chat ON deliveries (fingerprint, chat);
CREATE INDEX ix_deliveries_waiting ON deliveries (account, created_at) WHERE state = 'pending';
CREATE INDEX ix_deliveries_ordered ON deliveries (account, chat, message_id) WHERE strict AND state IN ('pending', 'sending', 'unknown');
CREATE INDEX ix_deliveries_turns ON deliveries (account, rule, turn) WHERE state = 'pending' AND NOT parked;
CREATE INDEX ix_attempts_account_began_at ON attempts (account, began_at);
CREATE INDEX ix_attempts_delivery_id ON attempts (delivery_id);
COMMIT;
