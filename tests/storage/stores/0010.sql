BEGIN TRANSACTION;
CREATE TABLE accounts (
	account TEXT NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	online BOOLEAN, 
	checked_at BIGINT, 
	seen_at BIGINT, 
	CONSTRAINT pk_accounts PRIMARY KEY (account)
);
INSERT INTO "accounts" VALUES('1688850000000001','小云',1,1795714443580,1795714445470);
INSERT INTO "accounts" VALUES('1688850000000002','小真',1,1795714443580,1795714445985);
CREATE TABLE actions (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	who TEXT DEFAULT '' NOT NULL, 
	verb TEXT DEFAULT '' NOT NULL, 
	what TEXT DEFAULT '' NOT NULL, 
	affected INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_actions PRIMARY KEY (id)
);
INSERT INTO "actions" VALUES(1,1795714450325,'root','mute','{"mute":1,"kind":"chat","value":"R:10900000000000009","until":"2026-11-27T03:34:10.289+08:00","comment":"试"}',0);
INSERT INTO "actions" VALUES(2,1795714452617,'root','hold','{"ids":["25"]}',1);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0010');
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
INSERT INTO "attempts" VALUES(1,1,'1688850000000001','R:10900000000000002',1795714445482);
INSERT INTO "attempts" VALUES(1,2,'1688850000000001','7881300000000001',1795714445482);
INSERT INTO "attempts" VALUES(2,3,'1688850000000001','R:10900000000000002',1795714445573);
INSERT INTO "attempts" VALUES(2,4,'1688850000000001','7881300000000001',1795714445573);
INSERT INTO "attempts" VALUES(3,5,'1688850000000001','R:10900000000000002',1795714445699);
INSERT INTO "attempts" VALUES(3,6,'1688850000000001','7881300000000001',1795714445699);
INSERT INTO "attempts" VALUES(3,7,'1688850000000001','R:10900000000000003',1795714445699);
INSERT INTO "attempts" VALUES(4,8,'1688850000000001','R:10900000000000003',1795714445760);
INSERT INTO "attempts" VALUES(5,9,'1688850000000001','R:10900000000000002',1795714445841);
INSERT INTO "attempts" VALUES(5,10,'1688850000000001','7881300000000001',1795714445841);
INSERT INTO "attempts" VALUES(5,11,'1688850000000001','R:10900000000000003',1795714445841);
INSERT INTO "attempts" VALUES(6,12,'1688850000000001','R:10900000000000003',1795714445903);
INSERT INTO "attempts" VALUES(7,13,'1688850000000001','R:10900000000000003',1795714445980);
INSERT INTO "attempts" VALUES(8,14,'1688850000000002','R:10900000000000003',1795714445996);
INSERT INTO "attempts" VALUES(9,15,'1688850000000001','R:10900000000000002',1795714446073);
INSERT INTO "attempts" VALUES(9,16,'1688850000000001','7881300000000001',1795714446073);
INSERT INTO "attempts" VALUES(10,17,'1688850000000001','R:10900000000000002',1795714446197);
INSERT INTO "attempts" VALUES(10,18,'1688850000000001','7881300000000001',1795714446197);
INSERT INTO "attempts" VALUES(11,17,'1688850000000001','R:10900000000000002',1795714446255);
INSERT INTO "attempts" VALUES(12,23,'1688850000000002','R:10900000000000003',1795714449293);
INSERT INTO "attempts" VALUES(13,18,'1688850000000001','7881300000000001',1795714449312);
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
INSERT INTO "calls" VALUES(1,'1688850000000001',1,1795714445482,1795714445492,'sent','','');
INSERT INTO "calls" VALUES(2,'1688850000000001',7,1795714445573,1795714445578,'sent','','');
INSERT INTO "calls" VALUES(3,'1688850000000001',26,1795714445699,1795714445707,'sent','','');
INSERT INTO "calls" VALUES(4,'1688850000000001',27,1795714445760,1795714445777,'sent','','');
INSERT INTO "calls" VALUES(5,'1688850000000001',32,1795714445841,1795714445850,'sent','','');
INSERT INTO "calls" VALUES(6,'1688850000000001',33,1795714445903,1795714445914,'sent','','');
INSERT INTO "calls" VALUES(7,'1688850000000001',38,1795714445980,1795714445990,'sent','','');
INSERT INTO "calls" VALUES(8,'1688850000000002',39,1795714445996,1795714446002,'refused','bad_parameter','406: 目标会话不存在');
INSERT INTO "calls" VALUES(9,'1688850000000001',41,1795714446073,1795714446080,'sent','','');
INSERT INTO "calls" VALUES(10,'1688850000000001',42,1795714446197,1795714446204,'refused','bad_parameter','406: param error');
INSERT INTO "calls" VALUES(11,'1688850000000001',42,1795714446255,1795714449261,'unanswered','timeout','no whole answer within 3 s');
INSERT INTO "calls" VALUES(12,'1688850000000002',45,1795714449293,1795714449302,'refused','bad_parameter','406: 目标会话不存在');
INSERT INTO "calls" VALUES(13,'1688850000000001',42,1795714449312,1795714449320,'deferred','offline','1001: 账号不在线,请重新登录');
CREATE TABLE chat_accounts (
	account TEXT NOT NULL, 
	chat TEXT NOT NULL, 
	synced_at BIGINT NOT NULL, 
	CONSTRAINT pk_chat_accounts PRIMARY KEY (account, chat)
)
 WITHOUT ROWID

;
INSERT INTO "chat_accounts" VALUES('1688850000000001','7881300000000001',1795714445442);
INSERT INTO "chat_accounts" VALUES('1688850000000001','7881300000000002',1795714445442);
INSERT INTO "chat_accounts" VALUES('1688850000000001','7881300000000003',1795714445442);
INSERT INTO "chat_accounts" VALUES('1688850000000001','R:10900000000000001',1795714445442);
INSERT INTO "chat_accounts" VALUES('1688850000000001','R:10900000000000002',1795714445442);
INSERT INTO "chat_accounts" VALUES('1688850000000001','R:10900000000000003',1795714445442);
INSERT INTO "chat_accounts" VALUES('1688850000000002','7881300000000001',1795714447077);
INSERT INTO "chat_accounts" VALUES('1688850000000002','7881300000000002',1795714447077);
INSERT INTO "chat_accounts" VALUES('1688850000000002','7881300000000003',1795714447077);
INSERT INTO "chat_accounts" VALUES('1688850000000002','R:10900000000000001',1795714447077);
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
INSERT INTO "chats" VALUES('R:10900000000000001','room','客户一群','',NULL,1795714445442,1795714447077);
INSERT INTO "chats" VALUES('R:10900000000000002','room','运营群','',NULL,1795714445442,1795714445442);
INSERT INTO "chats" VALUES('R:10900000000000003','room','值班群','',NULL,1795714445442,1795714445442);
INSERT INTO "chats" VALUES('7881300000000001','contact','老板','',NULL,1795714445442,1795714447077);
INSERT INTO "chats" VALUES('7881300000000002','contact','王客户','',NULL,1795714445442,1795714447077);
INSERT INTO "chats" VALUES('7881300000000003','contact','李客户','',NULL,1795714445442,1795714447077);
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
INSERT INTO "cursors" VALUES('1688850000000001','','',0,0,1795714451466);
INSERT INTO "cursors" VALUES('1688850000000002','','',0,0,1795714451454);
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
INSERT INTO "decisions" VALUES(1,0,'matched','["退款"]','',1,1795714445470);
INSERT INTO "decisions" VALUES(2,0,'no_match','[]','',1,1795714445490);
INSERT INTO "decisions" VALUES(3,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true}]}',1,1795714445546);
INSERT INTO "decisions" VALUES(4,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true}]}',1,1795714445546);
INSERT INTO "decisions" VALUES(5,0,'no_match','[]','',1,1795714445560);
INSERT INTO "decisions" VALUES(6,0,'no_match','[]','',1,1795714445565);
INSERT INTO "decisions" VALUES(7,0,'matched','["退款"]','',1,1795714445569);
INSERT INTO "decisions" VALUES(8,0,'no_match','[]','',1,1795714445579);
INSERT INTO "decisions" VALUES(9,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true}]}',1,1795714445631);
INSERT INTO "decisions" VALUES(10,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true}]}',1,1795714445631);
INSERT INTO "decisions" VALUES(11,0,'no_match','[]','',1,1795714445645);
INSERT INTO "decisions" VALUES(12,0,'no_match','[]','',1,1795714445650);
INSERT INTO "decisions" VALUES(13,0,'no_match','[]','',1,1795714445654);
INSERT INTO "decisions" VALUES(14,0,'no_match','[]','',1,1795714445659);
INSERT INTO "decisions" VALUES(15,0,'no_match','[]','',1,1795714445662);
INSERT INTO "decisions" VALUES(16,0,'no_match','[]','',1,1795714445666);
INSERT INTO "decisions" VALUES(17,0,'no_match','[]','',1,1795714445669);
INSERT INTO "decisions" VALUES(18,0,'no_match','[]','',1,1795714445672);
INSERT INTO "decisions" VALUES(19,0,'no_match','[]','',1,1795714445675);
INSERT INTO "decisions" VALUES(20,0,'no_match','[]','',1,1795714445678);
INSERT INTO "decisions" VALUES(21,0,'no_match','[]','',1,1795714445680);
INSERT INTO "decisions" VALUES(22,0,'no_match','[]','',1,1795714445685);
INSERT INTO "decisions" VALUES(23,0,'no_match','[]','',1,1795714445688);
INSERT INTO "decisions" VALUES(24,0,'no_match','[]','',1,1795714445691);
INSERT INTO "decisions" VALUES(25,0,'no_match','[]','',1,1795714445694);
INSERT INTO "decisions" VALUES(26,0,'matched','["退款","merge"]','',1,1795714445697);
INSERT INTO "decisions" VALUES(27,0,'matched','["merge"]','',1,1795714445704);
INSERT INTO "decisions" VALUES(28,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true},{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795714445765);
INSERT INTO "decisions" VALUES(29,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true},{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795714445765);
INSERT INTO "decisions" VALUES(30,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true},{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795714445765);
INSERT INTO "decisions" VALUES(31,0,'self_sent','[]','{"near":[{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795714445829);
INSERT INTO "decisions" VALUES(32,0,'matched','["退款","merge"]','',1,1795714445837);
INSERT INTO "decisions" VALUES(33,0,'matched','["merge"]','',1,1795714445846);
INSERT INTO "decisions" VALUES(34,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true},{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795714445909);
INSERT INTO "decisions" VALUES(35,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true},{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795714445909);
INSERT INTO "decisions" VALUES(36,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":2,"key":"self_sent","expected":false,"actual":true},{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795714445909);
INSERT INTO "decisions" VALUES(37,0,'self_sent','[]','{"near":[{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795714445967);
INSERT INTO "decisions" VALUES(38,0,'matched','["merge"]','',1,1795714445977);
INSERT INTO "decisions" VALUES(39,0,'matched','["merge"]','',1,1795714445985);
INSERT INTO "decisions" VALUES(40,0,'self_sent','[]','{"near":[{"rule":"merge","file":"rules.toml","line":6,"key":"self_sent","expected":false,"actual":true}]}',1,1795714446043);
INSERT INTO "decisions" VALUES(41,0,'matched','["退款"]','',1,1795714446065);
INSERT INTO "decisions" VALUES(42,0,'matched','["退款"]','',1,1795714446193);
INSERT INTO "decisions" VALUES(43,0,'matched','["退款"]','',1,1795714446208);
INSERT INTO "decisions" VALUES(44,0,'matched','["退款"]','',1,1795714449279);
INSERT INTO "decisions" VALUES(45,0,'matched','["merge"]','',1,1795714449289);
INSERT INTO "decisions" VALUES(46,0,'matched','["退款"]','',1,1795714451786);
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
INSERT INTO "deliveries" VALUES(1,1,'1000000000000000001.O4mv7e-a',0,'1688850000000001','R:10900000000000002','confirmed','','["退款"]','退款',0,1,0,0,0,'hold','050c1fdf8cfcd24609d4a24b',1795714445468,1795757645465,1,1,1795714445470,1795714445546);
INSERT INTO "deliveries" VALUES(2,1,'1000000000000000001.O4mv7e-a',0,'1688850000000001','7881300000000001','confirmed','','["退款"]','退款',0,1,0,0,0,'hold','050c1fdf8cfcd24609d4a24b',1795714445468,1795757645465,1,1,1795714445470,1795714445546);
INSERT INTO "deliveries" VALUES(3,7,'1000000000000000013.O4mv7e-a',0,'1688850000000001','R:10900000000000002','confirmed','','["退款"]','退款',0,2,0,0,0,'hold','14af8680359c0d4a8ffa593a',1795714445569,1795757645568,1,2,1795714445569,1795714445631);
INSERT INTO "deliveries" VALUES(4,7,'1000000000000000013.O4mv7e-a',0,'1688850000000001','7881300000000001','confirmed','','["退款"]','退款',0,2,0,0,0,'hold','14af8680359c0d4a8ffa593a',1795714445569,1795757645568,1,2,1795714445569,1795714445631);
INSERT INTO "deliveries" VALUES(5,26,'1000000000000000051.O4mv7e-a',0,'1688850000000001','R:10900000000000002','confirmed','','["退款"]','退款',0,3,0,0,0,'hold','be353d43f63f40f13124f931',1795714445697,1795757645696,1,3,1795714445697,1795714445765);
INSERT INTO "deliveries" VALUES(6,26,'1000000000000000051.O4mv7e-a',0,'1688850000000001','7881300000000001','confirmed','','["退款"]','退款',0,3,0,0,0,'hold','be353d43f63f40f13124f931',1795714445697,1795757645696,1,3,1795714445697,1795714445765);
INSERT INTO "deliveries" VALUES(7,26,'1000000000000000051.O4mv7e-a',0,'1688850000000001','R:10900000000000003','confirmed','','["merge"]','merge',0,3,0,0,0,'hold','be353d43f63f40f13124f931',1795714445697,1795757645696,1,3,1795714445697,1795714445765);
INSERT INTO "deliveries" VALUES(8,27,'1000000000000000053.O4mv7e-a',0,'1688850000000001','R:10900000000000003','confirmed','','["merge"]','merge',0,4,0,0,0,'hold','d6c2b0d5ab936a2b1d7f6d48',1795714445702,1795757645702,1,4,1795714445704,1795714445829);
INSERT INTO "deliveries" VALUES(9,32,'1000000000000000063.O4mv7e-a',0,'1688850000000001','R:10900000000000002','confirmed','','["退款"]','退款',0,5,0,0,0,'hold','05cb0050f29aa1488562f129',1795714445837,1795757645836,1,5,1795714445837,1795714445909);
INSERT INTO "deliveries" VALUES(10,32,'1000000000000000063.O4mv7e-a',0,'1688850000000001','7881300000000001','confirmed','','["退款"]','退款',0,5,0,0,0,'hold','05cb0050f29aa1488562f129',1795714445837,1795757645836,1,5,1795714445837,1795714445909);
INSERT INTO "deliveries" VALUES(11,32,'1000000000000000063.O4mv7e-a',0,'1688850000000001','R:10900000000000003','confirmed','','["merge"]','merge',0,5,0,0,0,'hold','05cb0050f29aa1488562f129',1795714445837,1795757645836,1,5,1795714445837,1795714445909);
INSERT INTO "deliveries" VALUES(12,33,'1000000000000000065.O4mv7e-a',0,'1688850000000001','R:10900000000000003','confirmed','','["merge"]','merge',0,6,0,0,0,'hold','c713700cc8bb1be689c93a7e',1795714445845,1795757645845,1,6,1795714445846,1795714445967);
INSERT INTO "deliveries" VALUES(13,38,'1000000000000000075.O4mv7e-a',0,'1688850000000001','R:10900000000000003','confirmed','','["merge"]','merge',0,7,0,0,0,'hold','5c24636e21f5bfc4b519de1e',1795714445976,1795757645976,1,7,1795714445977,1795714446043);
INSERT INTO "deliveries" VALUES(14,39,'1000000000000000077.VsjXU-DZ',0,'1688850000000002','R:10900000000000003','failed','bad_parameter','["merge"]','merge',0,1,0,0,0,'hold','722434eff85f57c7896cb6b5',1795714445984,1795757645984,1,8,1795714445985,1795714446002);
INSERT INTO "deliveries" VALUES(15,41,'1000000000000000081.O4mv7e-a',0,'1688850000000001','R:10900000000000002','sent','','["退款"]','退款',0,8,0,0,0,'hold','0642fc258732af7fd1e50f97',1795714446065,1795757646064,1,9,1795714446065,1795714446080);
INSERT INTO "deliveries" VALUES(16,41,'1000000000000000081.O4mv7e-a',0,'1688850000000001','7881300000000001','sent','','["退款"]','退款',0,8,0,0,0,'hold','0642fc258732af7fd1e50f97',1795714446065,1795757646064,1,9,1795714446065,1795714446080);
INSERT INTO "deliveries" VALUES(17,42,'1000000000000000085.O4mv7e-a',0,'1688850000000001','R:10900000000000002','unknown','timeout','["退款"]','退款',0,9,1,0,0,'hold','4c059a3ed77629b89ace3cd6',1795714446204,1795757646192,1,11,1795714446193,1795714449261);
INSERT INTO "deliveries" VALUES(18,42,'1000000000000000085.O4mv7e-a',0,'1688850000000001','7881300000000001','pending','offline','["退款"]','退款',0,9,1,0,0,'hold','4c059a3ed77629b89ace3cd6',1795714449320,1795757646192,0,13,1795714446193,1795714449320);
INSERT INTO "deliveries" VALUES(19,43,'1000000000000000087.O4mv7e-a',0,'1688850000000001','R:10900000000000002','pending','','["退款"]','退款',0,10,0,0,0,'hold','18c26f1f1a4150507b417887',1795714446208,1795757646207,0,NULL,1795714446208,1795714446208);
INSERT INTO "deliveries" VALUES(20,43,'1000000000000000087.O4mv7e-a',0,'1688850000000001','7881300000000001','pending','','["退款"]','退款',0,10,0,0,0,'hold','18c26f1f1a4150507b417887',1795714446208,1795757646207,0,NULL,1795714446208,1795714446208);
INSERT INTO "deliveries" VALUES(21,44,'1000000000000000089.O4mv7e-a',0,'1688850000000001','R:10900000000000002','pending','','["退款"]','退款',0,11,0,0,0,'hold','d48d1273c7c22d82a65a74aa',1795714449279,1795757649277,0,NULL,1795714449279,1795714449279);
INSERT INTO "deliveries" VALUES(22,44,'1000000000000000089.O4mv7e-a',0,'1688850000000001','7881300000000001','pending','','["退款"]','退款',0,11,0,0,0,'hold','d48d1273c7c22d82a65a74aa',1795714449279,1795757649277,0,NULL,1795714449279,1795714449279);
INSERT INTO "deliveries" VALUES(23,45,'1000000000000000091.VsjXU-DZ',0,'1688850000000002','R:10900000000000003','failed','bad_parameter','["merge"]','merge',0,2,0,0,0,'hold','3c268528f2d5a4e8ec159c7e',1795714449289,1795757649288,1,12,1795714449289,1795714449302);
INSERT INTO "deliveries" VALUES(24,46,'1000000000000000093.O4mv7e-a',0,'1688850000000001','R:10900000000000002','pending','','["退款"]','退款',0,12,0,0,0,'hold','01ebb2dab29cc69012f6482a',1795714451785,1795757651784,0,NULL,1795714451786,1795714451786);
INSERT INTO "deliveries" VALUES(25,46,'1000000000000000093.O4mv7e-a',0,'1688850000000001','7881300000000001','held','operator','["退款"]','退款',0,12,0,0,0,'hold','01ebb2dab29cc69012f6482a',1795714451785,1795757651784,0,NULL,1795714451786,1795714452606);
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
INSERT INTO "lanes" VALUES('1688850000000001','offline',1795714479320,1,'1001: 账号不在线,请重新登录',9,1795714449320,NULL);
INSERT INTO "lanes" VALUES('1688850000000002','ready',1795714449352,0,'',2,1795714449302,NULL);
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
INSERT INTO "messages" VALUES(1,'1688850000000001','7000000000000000002','1000000000000000001.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795714445465,1795714445468,'callback','7000000000000000002','1000000000000000001','CAQQ000000000001',0,0,'你好,我要退款','{"items":[{"type":"text","text":"你好,我要退款"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445465,"msg_hash":"d19aa1549c8365f5","client_id":""}',327,'');
INSERT INTO "messages" VALUES(2,'1688850000000001','7000000000000000004','1000000000000000003.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795714445487,1795714445487,'callback','7000000000000000004','1000000000000000003','CAQQ000000000003',0,0,'我要退[微笑]款 😀','{"items":[{"type":"text","text":"我要退"},{"type":"emotion","text":"[微笑]"},{"type":"text","text":"款 😀"}],"at_list":["1688850000000001"]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445487,"msg_hash":"3f851826812ecb6a","client_id":""}',327,'');
INSERT INTO "messages" VALUES(3,'1688850000000001','7000000000000000007','1000000000000000005.j8becHXd','R:10900000000000002','room','1688850000000001','text',1795714445491,1795714445544,'callback','7000000000000000007','1000000000000000005','CAQQ000000000005',1,0,'你好,我要退款','{"items":[{"type":"text","text":"你好,我要退款"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445491,"msg_hash":"d19aa1549c8365f5","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"5","sub_user_id":10087,"target_id":"5","target_wxid":"","task_id":"9007199254740998","user_id":"10021"}}',327,'');
INSERT INTO "messages" VALUES(4,'1688850000000001','7000000000000000008','1000000000000000006.n5hjlJnl','7881300000000001','private','1688850000000001','text',1795714445491,1795714445544,'callback','7000000000000000008','1000000000000000006','CAQQ000000000006',1,0,'你好,我要退款','{"items":[{"type":"text","text":"你好,我要退款"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":1,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445491,"msg_hash":"d19aa1549c8365f5","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"6","sub_user_id":10087,"target_id":"6","target_wxid":"","task_id":"9007199254740999","user_id":"10021"}}',321,'');
INSERT INTO "messages" VALUES(5,'1688850000000001','7000000000000000010','1000000000000000009.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795714445559,1795714445559,'callback','7000000000000000010','1000000000000000009','CAQQ000000000009',0,0,'投诉 / café �','{"items":[{"type":"text","text":"\u6295\u8bc9 \/ caf\u00e9 \ud83d"}],"\u0074race":"\ud83d\ude00"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445559,"msg_hash":"180b04e02edd5250","client_id":"","push_seq":18446744073709551616,"cut":"\udc00"}',327,'');
INSERT INTO "messages" VALUES(6,'1688850000000001','7000000000000000012','1000000000000000011.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795714445564,1795714445565,'callback','7000000000000000012','1000000000000000011','CAQQ000000000011',0,0,'投诉','{ "items" : [ {"text":"投诉", "type":"text"} ] ,
  "seq":9007199254740993, "ratio":1.0, "huge":1E400, "tiny":-0.0e-7, "big":123456789012345678901234567890 }','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445564,"msg_hash":"516532bae47e00b4","client_id":"","server_seq":9007199254740993,"weight":1.0}',327,'');
INSERT INTO "messages" VALUES(7,'1688850000000001','7000000000000000014','1000000000000000013.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795714445568,1795714445569,'callback','7000000000000000014','1000000000000000013','CAQQ000000000013',0,0,'退款','{"items":[{"type":"text","text":"旧"}],"z":1,"a":2,"items":[{"type":"text","text":"退款"}],"z":{}}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445568,"msg_hash":"fa8f457efb506315","client_id":"","client_extra":{"k":1,"k":2}}',327,'');
INSERT INTO "messages" VALUES(8,'1688850000000001','7000000000000000018','1000000000000000017.O4mv7e-a','R:10900000000000001','room','7881300000000002','announcement',1795714445577,1795714445578,'callback','7000000000000000018','1000000000000000017','CAQQ000000000017',0,0,'群公告
本周六停机维护','{"title":"群公告","text":"本周六停机维护","publisher":"7881300000000001","publish_time":1641280299}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445577,"msg_hash":"b96b71b9658fe4aa","client_id":""}',335,'');
INSERT INTO "messages" VALUES(9,'1688850000000001','7000000000000000019','1000000000000000015.j8becHXd','R:10900000000000002','room','1688850000000001','text',1795714445577,1795714445629,'callback','7000000000000000019','1000000000000000015','CAQQ000000000015',1,0,'退款','{"items":[{"type":"text","text":"旧"}],"z":1,"a":2,"items":[{"type":"text","text":"退款"}],"z":{}}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445577,"msg_hash":"fa8f457efb506315","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"15","sub_user_id":10087,"target_id":"15","target_wxid":"","task_id":"9007199254741008","user_id":"10021"}}',327,'');
INSERT INTO "messages" VALUES(10,'1688850000000001','7000000000000000020','1000000000000000016.n5hjlJnl','7881300000000001','private','1688850000000001','text',1795714445577,1795714445629,'callback','7000000000000000020','1000000000000000016','CAQQ000000000016',1,0,'退款','{"items":[{"type":"text","text":"旧"}],"z":1,"a":2,"items":[{"type":"text","text":"退款"}],"z":{}}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":1,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445577,"msg_hash":"fa8f457efb506315","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"16","sub_user_id":10087,"target_id":"16","target_wxid":"","task_id":"9007199254741009","user_id":"10021"}}',321,'');
INSERT INTO "messages" VALUES(11,'1688850000000001','7000000000000000022','1000000000000000021.O4mv7e-a','R:10900000000000001','room','7881300000000002','picture',1795714445644,1795714445644,'callback','7000000000000000022','1000000000000000021','CAQQ000000000021',0,1,'','{"url":"https:\/\/cdn.example.com\/p\/1.jpg?sign=a%2Bb&t=1","md5":"9e107d9d372bb6826bd81d3542a419d6","width":1080,"height":2400,"size":184467440737095516,"file_id":"308188020102"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445644,"msg_hash":"3d362d0cb181c7e4","client_id":""}',330,'');
INSERT INTO "messages" VALUES(12,'1688850000000001','7000000000000000024','1000000000000000023.O4mv7e-a','R:10900000000000001','room','7881300000000002','link',1795714445649,1795714445650,'callback','7000000000000000024','1000000000000000023','CAQQ000000000023',0,0,'年终大促
满 100 减 50','{"url":"https://example.com/a?b=1&c=2#d","title":"年终大促","desc":"满 100 减 50","cover":""}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445649,"msg_hash":"2a8855365292d7a0","client_id":""}',327,'');
INSERT INTO "messages" VALUES(13,'1688850000000001','7000000000000000026','1000000000000000025.O4mv7e-a','R:10900000000000001','room','7881300000000002','voice',1795714445653,1795714445654,'callback','7000000000000000026','1000000000000000025','CAQQ000000000025',0,0,'','{"url":"https://cdn.example.com/v/1.silk","duration":12.50,"size":20480,"text":""}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445653,"msg_hash":"e4f9c152bffeb500","client_id":""}',328,'');
INSERT INTO "messages" VALUES(14,'1688850000000001','7000000000000000028','1000000000000000027.O4mv7e-a','R:10900000000000001','room','7881300000000002','video',1795714445658,1795714445659,'callback','7000000000000000028','1000000000000000027','CAQQ000000000027',0,1,'','{"url":"https://cdn.example.com/m/1.mp4","cover":"https://cdn.example.com/m/1.jpg","duration":31,"size":73400320,"aes_key":"0a0b","extra":null}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445658,"msg_hash":"0a0db371fbad6202","client_id":""}',328,'');
INSERT INTO "messages" VALUES(15,'1688850000000001','7000000000000000030','1000000000000000029.O4mv7e-a','R:10900000000000001','room','7881300000000002','file',1795714445661,1795714445662,'callback','7000000000000000030','1000000000000000029','CAQQ000000000029',0,0,'报价单 (终版).xlsx
报价单 (终版).xlsx','{"name":"报价单 (终版).xlsx","file_name":"报价单 (终版).xlsx","size":9007199254740992001,"url":"https://cdn.example.com/f/1","md5":""}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445661,"msg_hash":"818494589d81b618","client_id":""}',327,'');
INSERT INTO "messages" VALUES(16,'1688850000000001','7000000000000000032','1000000000000000031.O4mv7e-a','R:10900000000000001','room','7881300000000002','program',1795714445665,1795714445666,'callback','7000000000000000032','1000000000000000031','CAQQ000000000031',0,0,'下单小程序','{"title":"下单小程序","cover":"https://cdn.example.com/c.png","page":"pages/index?id=1","org_content":{"page":"pages/index?id=1","appid":"wx0000000000000001","version":1.0}}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445665,"msg_hash":"38ffe694475c7d01","client_id":""}',330,'');
INSERT INTO "messages" VALUES(17,'1688850000000001','7000000000000000034','1000000000000000033.O4mv7e-a','R:10900000000000001','room','7881300000000002','program',1795714445668,1795714445668,'callback','7000000000000000034','1000000000000000033','CAQQ000000000033',0,0,'报名','{"title":"报名","cover":"","page":"p","org_content":"{\"page\":\"p\",\"n\":9007199254740993}"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445668,"msg_hash":"751c27b7eacdbd40","client_id":""}',330,'');
INSERT INTO "messages" VALUES(18,'1688850000000001','7000000000000000036','1000000000000000035.O4mv7e-a','R:10900000000000001','room','7881300000000002','card',1795714445671,1795714445672,'callback','7000000000000000036','1000000000000000035','CAQQ000000000035',0,0,'李客户','{"wxid":"7881300000000003","nickname":"李客户","avatar":"https://wx.example.com/0","corp_wxid":"","corp_name":"微信"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445671,"msg_hash":"05240f29002510ad","client_id":""}',327,'');
INSERT INTO "messages" VALUES(19,'1688850000000001','7000000000000000038','1000000000000000037.O4mv7e-a','R:10900000000000001','room','7881300000000002','channel',1795714445674,1795714445675,'callback','7000000000000000038','1000000000000000037','CAQQ000000000037',0,0,'官方视频号
新品发布
新品发布
#上新','{"nickname":"官方视频号","title":"新品发布","desc":"新品发布\n#上新","url":"https://channels.example.com/1","object_id":14123456789012345678,"nonce_id":"1_0_140_2_0"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445674,"msg_hash":"07201d89eae4c9ed","client_id":""}',330,'');
INSERT INTO "messages" VALUES(20,'1688850000000001','7000000000000000040','1000000000000000039.O4mv7e-a','R:10900000000000001','room','7881300000000002','system',1795714445677,1795714445677,'callback','7000000000000000040','1000000000000000039','CAQQ000000000039',0,0,'"王客户"邀请"李客户"加入了群聊','{"text":"\"王客户\"邀请\"李客户\"加入了群聊","sub_type":1011}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445677,"msg_hash":"b62b2eaa8fa6a11d","client_id":""}',329,'');
INSERT INTO "messages" VALUES(21,'1688850000000001','7000000000000000042','1000000000000000041.O4mv7e-a','R:10900000000000001','room','7881300000000002','revoke',1795714445680,1795714445680,'callback','7000000000000000042','1000000000000000041','CAQQ000000000041',0,0,'王客户撤回了一条消息','{"text":"王客户撤回了一条消息","revoke_svrid":"7999999999999999999","revoke_wx_svrid":1999999999999999999}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445680,"msg_hash":"6156b3399dfcc0ac","client_id":""}',329,'');
INSERT INTO "messages" VALUES(22,'1688850000000001','7000000000000000044','1000000000000000043.O4mv7e-a','R:10900000000000001','room','7881300000000002','location',1795714445685,1795714445685,'callback','7000000000000000044','1000000000000000043','CAQQ000000000043',0,0,'人民广场
上海市黄浦区','{"title":"人民广场","address":"上海市黄浦区","latitude":31.230390000000000,"longitude":121.473702,"zoom":15.0}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445685,"msg_hash":"da44e210045c0c70","client_id":""}',331,'');
INSERT INTO "messages" VALUES(23,'1688850000000001','7000000000000000046','1000000000000000045.O4mv7e-a','R:10900000000000001','room','7881300000000002','redpacket',1795714445688,1795714445688,'callback','7000000000000000046','1000000000000000045','CAQQ000000000045',0,0,'恭喜发财,大吉大利','{"title":"恭喜发财,大吉大利","type":1,"order_id":"1000050001202601010000000000001"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445688,"msg_hash":"f50eb67efc9e6f2e","client_id":""}',332,'');
INSERT INTO "messages" VALUES(24,'1688850000000001','7000000000000000048','1000000000000000047.O4mv7e-a','R:10900000000000001','room','7881300000000002','emotionpic',1795714445690,1795714445691,'callback','7000000000000000048','1000000000000000047','CAQQ000000000047',0,1,'','{"url":"https:\/\/wx.example.com\/e.gif","md5":"d41d8cd98f00b204e9800998ecf8427e","type":2}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445690,"msg_hash":"50b21c3b21143f98","client_id":""}',333,'');
INSERT INTO "messages" VALUES(25,'1688850000000001','7000000000000000050','1000000000000000049.O4mv7e-a','R:10900000000000001','room','7881300000000002','imgtext',1795714445693,1795714445694,'callback','7000000000000000050','1000000000000000049','CAQQ000000000049',0,0,'头条
第一篇
次条
第二篇','{"articles":[{"title":"头条","desc":"第一篇","url":"https://mp.example.com/1","cover":""},{"title":"次条","desc":"第二篇","url":"https://mp.example.com/2","cover":""}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445693,"msg_hash":"a564d63361a3177e","client_id":""}',330,'');
INSERT INTO "messages" VALUES(26,'1688850000000001','7000000000000000052','1000000000000000051.O4mv7e-a','R:10900000000000001','room','7881300000000002','merge',1795714445696,1795714445697,'callback','7000000000000000052','1000000000000000051','CAQQ000000000051',0,0,'王客户和李客户的聊天记录
王客户: 我要退款
李客户: [图片]
王客户
我要退款
李客户','{"title":"王客户和李客户的聊天记录","desc":"王客户: 我要退款\n李客户: [图片]","items":[{"nickname":"王客户","avatar":"","msg_type":"text","msg_time":1641280200000,"content":{"items":[{"type":"text","text":"我要退款"}]}},{"nickname":"李客户","avatar":"","msg_type":"picture","msg_time":1641280201000,"content":{"url":"https://cdn.example.com/p/2.jpg","file_id":"30818802010204"}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445696,"msg_hash":"89fb267f5c1c312a","client_id":""}',328,'');
INSERT INTO "messages" VALUES(27,'1688850000000001','7000000000000000054','1000000000000000053.O4mv7e-a','R:10900000000000001','room','7881300000000002','merge',1795714445702,1795714445702,'callback','7000000000000000054','1000000000000000053','CAQQ000000000053',0,0,'群聊的聊天记录
老板: [聊天记录]
老板
客户一群的聊天记录
王客户
投诉到底
李客户
更早的
最早的一句','{"title":"群聊的聊天记录","desc":"老板: [聊天记录]","items":[{"nickname":"老板","msg_type":"merge","msg_time":1641280299000,"content":{"title":"客户一群的聊天记录","items":[{"nickname":"王客户","msg_type":"text","msg_time":1641280100000,"content":{"items":[{"type":"text","text":"投诉到底"}]}},{"nickname":"李客户","msg_type":"merge","content":{"title":"更早的","items":[{"msg_type":"text","content":{"items":[{"type":"text","text":"最早的一句"}]}}]}}]}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445702,"msg_hash":"3c67203c52175f13","client_id":""}',328,'');
INSERT INTO "messages" VALUES(28,'1688850000000001','7000000000000000058','1000000000000000055.j8becHXd','R:10900000000000002','room','1688850000000001','merge',1795714445706,1795714445759,'callback','7000000000000000058','1000000000000000055','CAQQ000000000055',1,0,'王客户和李客户的聊天记录
王客户: 我要退款
李客户: [图片]
王客户
我要退款
李客户','{"title":"王客户和李客户的聊天记录","desc":"王客户: 我要退款\n李客户: [图片]","items":[{"nickname":"王客户","avatar":"","msg_type":"text","msg_time":1641280200000,"content":{"items":[{"type":"text","text":"我要退款"}]}},{"nickname":"李客户","avatar":"","msg_type":"picture","msg_time":1641280201000,"content":{"url":"https://cdn.example.com/p/2.jpg","file_id":"30818802010204"}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445706,"msg_hash":"89fb267f5c1c312a","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"55","sub_user_id":10087,"target_id":"55","target_wxid":"","task_id":"9007199254741048","user_id":"10021"}}',328,'');
INSERT INTO "messages" VALUES(29,'1688850000000001','7000000000000000059','1000000000000000056.n5hjlJnl','7881300000000001','private','1688850000000001','merge',1795714445706,1795714445759,'callback','7000000000000000059','1000000000000000056','CAQQ000000000056',1,0,'王客户和李客户的聊天记录
王客户: 我要退款
李客户: [图片]
王客户
我要退款
李客户','{"title":"王客户和李客户的聊天记录","desc":"王客户: 我要退款\n李客户: [图片]","items":[{"nickname":"王客户","avatar":"","msg_type":"text","msg_time":1641280200000,"content":{"items":[{"type":"text","text":"我要退款"}]}},{"nickname":"李客户","avatar":"","msg_type":"picture","msg_time":1641280201000,"content":{"url":"https://cdn.example.com/p/2.jpg","file_id":"30818802010204"}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":1,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445706,"msg_hash":"89fb267f5c1c312a","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"56","sub_user_id":10087,"target_id":"56","target_wxid":"","task_id":"9007199254741049","user_id":"10021"}}',322,'');
INSERT INTO "messages" VALUES(30,'1688850000000001','7000000000000000060','1000000000000000057.Pv3N5T6A','R:10900000000000003','room','1688850000000001','merge',1795714445706,1795714445760,'callback','7000000000000000060','1000000000000000057','CAQQ000000000057',1,0,'王客户和李客户的聊天记录
王客户: 我要退款
李客户: [图片]
王客户
我要退款
李客户','{"title":"王客户和李客户的聊天记录","desc":"王客户: 我要退款\n李客户: [图片]","items":[{"nickname":"王客户","avatar":"","msg_type":"text","msg_time":1641280200000,"content":{"items":[{"type":"text","text":"我要退款"}]}},{"nickname":"李客户","avatar":"","msg_type":"picture","msg_time":1641280201000,"content":{"url":"https://cdn.example.com/p/2.jpg","file_id":"30818802010204"}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445706,"msg_hash":"89fb267f5c1c312a","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"57","sub_user_id":10087,"target_id":"57","target_wxid":"","task_id":"9007199254741050","user_id":"10021"}}',328,'');
INSERT INTO "messages" VALUES(31,'1688850000000001','7000000000000000062','1000000000000000061.Pv3N5T6A','R:10900000000000003','room','1688850000000001','merge',1795714445776,1795714445828,'callback','7000000000000000062','1000000000000000061','CAQQ000000000061',1,0,'群聊的聊天记录
老板: [聊天记录]
老板
客户一群的聊天记录
王客户
投诉到底
李客户
更早的
最早的一句','{"title":"群聊的聊天记录","desc":"老板: [聊天记录]","items":[{"nickname":"老板","msg_type":"merge","msg_time":1641280299000,"content":{"title":"客户一群的聊天记录","items":[{"nickname":"王客户","msg_type":"text","msg_time":1641280100000,"content":{"items":[{"type":"text","text":"投诉到底"}]}},{"nickname":"李客户","msg_type":"merge","content":{"title":"更早的","items":[{"msg_type":"text","content":{"items":[{"type":"text","text":"最早的一句"}]}}]}}]}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445776,"msg_hash":"3c67203c52175f13","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"61","sub_user_id":10087,"target_id":"61","target_wxid":"","task_id":"9007199254741054","user_id":"10021"}}',328,'');
INSERT INTO "messages" VALUES(32,'1688850000000001','7000000000000000064','1000000000000000063.O4mv7e-a','R:10900000000000001','room','7881300000000002','merge',1795714445836,1795714445837,'callback','7000000000000000064','1000000000000000063','CAQQ000000000063',0,0,'聊天记录 �
退款','{"title":"聊天记录","title":"\u804a\u5929\u8bb0\u5f55 \ud83d","record_id":18014398509481985,
	"items" : [ { "content":{"items":[{"text":"退\u6b3e","type":"text"}]},"msg_type":"text","n":1.0,"n":1.00} , {"msg_type":"unheard_of","content":[[[]],{},null,true,-0,1E400]} ],"":"","\u0000":"\u0001"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445836,"msg_hash":"821df9d7a903c519","client_id":"","unknown_member":[1.0,{"x":9007199254740993}]}',328,'');
INSERT INTO "messages" VALUES(33,'1688850000000001','7000000000000000066','1000000000000000065.O4mv7e-a','R:10900000000000001','room','7881300000000002','merge',1795714445845,1795714445845,'callback','7000000000000000066','1000000000000000065','CAQQ000000000065',0,1,'聊天记录','{"title":"聊天记录","xml":"<recordinfo><title>聊天记录<\/title><datalist count=\"1\"><dataitem><datadesc>退款<\/datadesc><\/dataitem><\/datalist><\/recordinfo>","count":1}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445845,"msg_hash":"96fb2b2779ec67af","client_id":""}',328,'');
INSERT INTO "messages" VALUES(34,'1688850000000001','7000000000000000070','1000000000000000067.j8becHXd','R:10900000000000002','room','1688850000000001','merge',1795714445849,1795714445902,'callback','7000000000000000070','1000000000000000067','CAQQ000000000067',1,0,'聊天记录 �
退款','{"title":"聊天记录","title":"\u804a\u5929\u8bb0\u5f55 \ud83d","record_id":18014398509481985,
	"items" : [ { "content":{"items":[{"text":"退\u6b3e","type":"text"}]},"msg_type":"text","n":1.0,"n":1.00} , {"msg_type":"unheard_of","content":[[[]],{},null,true,-0,1E400]} ],"":"","\u0000":"\u0001"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445849,"msg_hash":"821df9d7a903c519","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"67","sub_user_id":10087,"target_id":"67","target_wxid":"","task_id":"9007199254741060","user_id":"10021"}}',328,'');
INSERT INTO "messages" VALUES(35,'1688850000000001','7000000000000000071','1000000000000000068.n5hjlJnl','7881300000000001','private','1688850000000001','merge',1795714445849,1795714445902,'callback','7000000000000000071','1000000000000000068','CAQQ000000000068',1,0,'聊天记录 �
退款','{"title":"聊天记录","title":"\u804a\u5929\u8bb0\u5f55 \ud83d","record_id":18014398509481985,
	"items" : [ { "content":{"items":[{"text":"退\u6b3e","type":"text"}]},"msg_type":"text","n":1.0,"n":1.00} , {"msg_type":"unheard_of","content":[[[]],{},null,true,-0,1E400]} ],"":"","\u0000":"\u0001"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":1,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445849,"msg_hash":"821df9d7a903c519","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"68","sub_user_id":10087,"target_id":"68","target_wxid":"","task_id":"9007199254741061","user_id":"10021"}}',322,'');
INSERT INTO "messages" VALUES(36,'1688850000000001','7000000000000000072','1000000000000000069.Pv3N5T6A','R:10900000000000003','room','1688850000000001','merge',1795714445849,1795714445903,'callback','7000000000000000072','1000000000000000069','CAQQ000000000069',1,0,'聊天记录 �
退款','{"title":"聊天记录","title":"\u804a\u5929\u8bb0\u5f55 \ud83d","record_id":18014398509481985,
	"items" : [ { "content":{"items":[{"text":"退\u6b3e","type":"text"}]},"msg_type":"text","n":1.0,"n":1.00} , {"msg_type":"unheard_of","content":[[[]],{},null,true,-0,1E400]} ],"":"","\u0000":"\u0001"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445849,"msg_hash":"821df9d7a903c519","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"69","sub_user_id":10087,"target_id":"69","target_wxid":"","task_id":"9007199254741062","user_id":"10021"}}',328,'');
INSERT INTO "messages" VALUES(37,'1688850000000001','7000000000000000074','1000000000000000073.Pv3N5T6A','R:10900000000000003','room','1688850000000001','merge',1795714445913,1795714445966,'callback','7000000000000000074','1000000000000000073','CAQQ000000000073',1,1,'聊天记录','{"title":"聊天记录","xml":"<recordinfo><title>聊天记录<\/title><datalist count=\"1\"><dataitem><datadesc>退款<\/datadesc><\/dataitem><\/datalist><\/recordinfo>","count":1}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445913,"msg_hash":"96fb2b2779ec67af","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"73","sub_user_id":10087,"target_id":"73","target_wxid":"","task_id":"9007199254741066","user_id":"10021"}}',328,'');
INSERT INTO "messages" VALUES(38,'1688850000000001','7000000000000000076','1000000000000000075.O4mv7e-a','R:10900000000000001','room','7881300000000002','merge',1795714445976,1795714445976,'callback','7000000000000000076','1000000000000000075','CAQQ000000000075',0,0,'群聊的聊天记录
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
底','{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"最里面","items":[{"msg_type":"text","content":{"items":[{"type":"text","text":"底"}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445976,"msg_hash":"4cccd896afd64fc5","client_id":""}',328,'');
INSERT INTO "messages" VALUES(39,'1688850000000002','7000000000000000078','1000000000000000077.VsjXU-DZ','7881300000000003','private','7881300000000003','merge',1795714445984,1795714445984,'callback','7000000000000000078','1000000000000000077','CAQQ000000000077',0,1,'聊天记录','{"title":"聊天记录","items":[]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":1,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445984,"msg_hash":"3e1f28ae9308f774","client_id":""}',322,'');
INSERT INTO "messages" VALUES(40,'1688850000000001','7000000000000000080','1000000000000000079.Pv3N5T6A','R:10900000000000003','room','1688850000000001','merge',1795714445989,1795714446040,'callback','7000000000000000080','1000000000000000079','CAQQ000000000079',1,0,'群聊的聊天记录
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
底','{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":{"title":"最里面","items":[{"msg_type":"text","content":{"items":[{"type":"text","text":"底"}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714445989,"msg_hash":"4cccd896afd64fc5","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"","source":2,"sub_task_id":"79","sub_user_id":10087,"target_id":"79","target_wxid":"","task_id":"9007199254741072","user_id":"10021"}}',328,'');
INSERT INTO "messages" VALUES(41,'1688850000000001','7000000000000000082','1000000000000000081.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795714446064,1795714446065,'callback','7000000000000000082','1000000000000000081','CAQQ000000000081',0,0,'退款,没有副本','{"items": [{"type": "text", "text": "退款,没有副本"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714446064,"msg_hash":"4bb71280cc2dfe6a","client_id":""}',327,'');
INSERT INTO "messages" VALUES(42,'1688850000000001','7000000000000000086','1000000000000000085.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795714446192,1795714446193,'callback','7000000000000000086','1000000000000000085','CAQQ000000000085',0,0,'退款,参数错误','{"items": [{"type": "text", "text": "退款,参数错误"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714446192,"msg_hash":"c5fff3859785ca44","client_id":""}',327,'');
INSERT INTO "messages" VALUES(43,'1688850000000001','7000000000000000088','1000000000000000087.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795714446207,1795714446208,'callback','7000000000000000088','1000000000000000087','CAQQ000000000087',0,0,'退款,没有回答','{"items": [{"type": "text", "text": "退款,没有回答"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714446207,"msg_hash":"18f6dae6e35aa47a","client_id":""}',327,'');
INSERT INTO "messages" VALUES(44,'1688850000000001','7000000000000000090','1000000000000000089.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795714449277,1795714449279,'callback','7000000000000000090','1000000000000000089','CAQQ000000000089',0,0,'退款,等账号上线','{"items": [{"type": "text", "text": "退款,等账号上线"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714449277,"msg_hash":"c9ef9fbb8c982ea4","client_id":""}',327,'');
INSERT INTO "messages" VALUES(45,'1688850000000002','7000000000000000092','1000000000000000091.VsjXU-DZ','7881300000000003','private','7881300000000003','merge',1795714449288,1795714449289,'callback','7000000000000000092','1000000000000000091','CAQQ000000000091',0,1,'扣住','{"title":"扣住","items":[]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":1,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714449288,"msg_hash":"43d9932e3afa726b","client_id":""}',322,'');
INSERT INTO "messages" VALUES(46,'1688850000000001','7000000000000000094','1000000000000000093.O4mv7e-a','R:10900000000000001','room','7881300000000002','text',1795714451784,1795714451785,'callback','7000000000000000094','1000000000000000093','CAQQ000000000093',0,0,'退款,扣住','{"items": [{"type": "text", "text": "退款,扣住"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"","chat_wxid":"","chat_type":2,"from_wxid":"","to_wxid":"","svrid":"","wx_svrid":"","wx_msgid":"","msg_type":"","content":,"msg_time":1795714451784,"msg_hash":"59a956ec50dc9944","client_id":""}',327,'');
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
INSERT INTO "mutes" VALUES(1,'chat','R:10900000000000009',1795721650289,'试','root',1795714450322,NULL);
CREATE TABLE notices (
	id INTEGER NOT NULL, 
	received_at BIGINT NOT NULL, 
	source TEXT DEFAULT '' NOT NULL, 
	account TEXT DEFAULT '' NOT NULL, 
	type TEXT DEFAULT '' NOT NULL, 
	body TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_notices PRIMARY KEY (id)
);
INSERT INTO "notices" VALUES(1,1795714450734,'callback','1688850000000001','contacts','{"type":"contacts ","corp_wxid":"1970325000000001","rel_wxid":"1688850000000001","data":{"a":1}}');
CREATE TABLE probes (
	name TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_probes PRIMARY KEY (name)
);
INSERT INTO "probes" VALUES('ready',1795714458444);
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
INSERT INTO "quarantine" VALUES(1,1795714450712,'callback','decrypt','no form of the body decrypts to JSON: is callback.aes_key right?',X'626D3975633256756332553D');
CREATE TABLE rule_changes (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	rule_set_id INTEGER NOT NULL, 
	rules INTEGER DEFAULT '0' NOT NULL, 
	summary TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_rule_changes PRIMARY KEY (id), 
	CONSTRAINT fk_rule_changes_rule_set_id FOREIGN KEY(rule_set_id) REFERENCES rule_sets (id)
);
INSERT INTO "rule_changes" VALUES(1,1795714443428,1,2,'{"added": ["merge", "退款"], "changed": [], "removed": []}');
INSERT INTO "rule_changes" VALUES(2,1795714453045,2,2,'{"added": [], "changed": ["merge"], "removed": []}');
CREATE TABLE rule_matches (
	rule TEXT NOT NULL, 
	known_at BIGINT NOT NULL, 
	matched_at BIGINT, 
	matches BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_rule_matches PRIMARY KEY (rule)
);
INSERT INTO "rule_matches" VALUES('退款',1795714443569,1795714451786,9);
INSERT INTO "rule_matches" VALUES('merge',1795714443569,1795714449289,7);
CREATE TABLE rule_sets (
	id INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	loaded_at BIGINT NOT NULL, 
	sources TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_rule_sets PRIMARY KEY (id), 
	CONSTRAINT uq_rule_sets_hash UNIQUE (hash)
);
INSERT INTO "rule_sets" VALUES(1,'54d93beb132aa204',1795714443428,'{"rules.toml": "timezone = \"Asia/Shanghai\"\n[[rules]]\nid = \"退款\"\nforward_to = [\"R:10900000000000002\", \"7881300000000001\"]\nwhen = { contains = [\"退款\"] }\n[[rules]]\nid = \"merge\"\nforward_to = [\"R:10900000000000003\"]\nexpect_every = \"1d\"\nlimit = \"100/1h\"\nwhen = { type = [\"merge\"] }\n"}');
INSERT INTO "rule_sets" VALUES(2,'e2a7a387c0e4764c',1795714453045,'{"rules.toml": "timezone = \"Asia/Shanghai\"\n[[rules]]\nid = \"退款\"\nforward_to = [\"R:10900000000000002\", \"7881300000000001\"]\nwhen = { contains = [\"退款\"] }\n[[rules]]\nid = \"merge\"\nforward_to = [\"R:10900000000000003\"]\nexpect_every = \"1d\"\nlimit = \"50/1h\"\nwhen = { type = [\"merge\"] }\n"}');
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
INSERT INTO "troubles" VALUES('account_offline','1688850000000001','小云',1795714453443,0,0,0,0);
INSERT INTO "troubles" VALUES('held','','',1795714453443,0,0,0,0);
INSERT INTO "troubles" VALUES('quarantined','','',1795714453443,0,0,0,0);
INSERT INTO "troubles" VALUES('unknown','','',1795714453443,0,0,0,0);
CREATE INDEX ix_chats_kind_id ON chats (kind, id);
CREATE INDEX ix_chat_accounts_chat ON chat_accounts (chat);
CREATE INDEX ix_messages_chat_id ON messages (chat, id);
CREATE INDEX ix_messages_received_at ON messages (received_at);
CREATE INDEX ix_messages_event ON messages (event);
CREATE INDEX ix_calls_message_id ON calls (message_id);
CREATE INDEX ix_calls_account_began_at ON calls (account, began_at);
CREATE INDEX ix_mutes_until ON mutes (until);
CREATE INDEX ix_cooldowns_until ON cooldowns (until);
CREATE INDEX ix_decisions_too_old ON decisions (decided_at) WHERE reason = 'too_old';
CREATE INDEX ix_deliveries_message_id ON deliveries (message_id);
CREATE INDEX ix_deliveries_queue ON deliveries (account, priority DESC, turn, attempts, id) WHERE state = 'pending' AND NOT parked;
CREATE INDEX ix_deliveries_expires ON deliveries (expires_at) WHERE state = 'pending';
CREATE INDEX ix_deliveries_fingerprint_chat ON deliveries (fingerprint, chat);
CREATE INDEX ix_deliveries_due ON deliveries (account, due_at) WHERE state = 'pending' AND parked;
CREATE INDEX ix_deliveries_state ON deliveries (state, id);
CREATE INDEX ix_deliveries_waiting ON deliveries (account, created_at) WHERE state = 'pending';
CREATE INDEX ix_deliveries_ordered ON deliveries (account, chat, message_id) WHERE strict AND state IN ('pending', 'sending', 'unknown');
CREATE INDEX ix_deliveries_turns ON deliveries (account, rule, turn) WHERE state = 'pending' AND NOT parked;
CREATE INDEX ix_attempts_account_began_at ON attempts (account, began_at);
CREATE INDEX ix_attempts_delivery_id ON attempts (delivery_id);
COMMIT;
