BEGIN TRANSACTION;
CREATE TABLE accounts (
	account TEXT NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	online BOOLEAN, 
	checked_at BIGINT, 
	seen_at BIGINT, 
	CONSTRAINT pk_accounts PRIMARY KEY (account)
);
INSERT INTO "accounts" VALUES('1688850000000001','小云',1,1795667467402,1795667467391);
INSERT INTO "accounts" VALUES('1688850000000002','小真',1,1795667467402,1795667468100);
CREATE TABLE actions (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	who TEXT DEFAULT '' NOT NULL, 
	verb TEXT DEFAULT '' NOT NULL, 
	what TEXT DEFAULT '' NOT NULL, 
	affected INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_actions PRIMARY KEY (id)
);
INSERT INTO "actions" VALUES(1,1795667469789,'root','hold','{"ids":["16"]}',1);
INSERT INTO "actions" VALUES(2,1795667470353,'root','mute','{"mute":1,"kind":"chat","value":"7881300000000001","until":"2026-11-26T13:31:10.337+08:00","comment":"午休"}',0);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0006');
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
INSERT INTO "attempts" VALUES(1,1,'1688850000000001','R:10900000000000002',1795667467413);
INSERT INTO "attempts" VALUES(1,2,'1688850000000001','7881300000000001',1795667467413);
INSERT INTO "attempts" VALUES(2,3,'1688850000000001','R:10900000000000002',1795667467490);
INSERT INTO "attempts" VALUES(2,4,'1688850000000001','7881300000000001',1795667467490);
INSERT INTO "attempts" VALUES(3,5,'1688850000000001','R:10900000000000002',1795667467548);
INSERT INTO "attempts" VALUES(3,6,'1688850000000001','7881300000000001',1795667467548);
INSERT INTO "attempts" VALUES(4,7,'1688850000000001','R:10900000000000002',1795667467623);
INSERT INTO "attempts" VALUES(4,8,'1688850000000001','7881300000000001',1795667467623);
INSERT INTO "attempts" VALUES(5,9,'1688850000000001','R:10900000000000003',1795667467708);
INSERT INTO "attempts" VALUES(6,10,'1688850000000001','R:10900000000000002',1795667467818);
INSERT INTO "attempts" VALUES(6,11,'1688850000000001','7881300000000001',1795667467818);
INSERT INTO "attempts" VALUES(7,12,'1688850000000001','R:10900000000000002',1795667467877);
INSERT INTO "attempts" VALUES(7,13,'1688850000000001','7881300000000001',1795667467877);
INSERT INTO "attempts" VALUES(8,12,'1688850000000001','R:10900000000000002',1795667467937);
INSERT INTO "attempts" VALUES(9,13,'1688850000000001','7881300000000001',1795667467994);
INSERT INTO "attempts" VALUES(10,14,'1688850000000002','R:10900000000000002',1795667468109);
INSERT INTO "attempts" VALUES(10,15,'1688850000000002','7881300000000001',1795667468109);
INSERT INTO "attempts" VALUES(11,14,'1688850000000002','R:10900000000000002',1795667468168);
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
INSERT INTO "calls" VALUES(1,'1688850000000001',1,1795667467413,1795667467422,'sent','','');
INSERT INTO "calls" VALUES(2,'1688850000000001',5,1795667467490,1795667467498,'sent','','');
INSERT INTO "calls" VALUES(3,'1688850000000001',6,1795667467548,1795667467559,'sent','','');
INSERT INTO "calls" VALUES(4,'1688850000000001',11,1795667467623,1795667467631,'sent','','');
INSERT INTO "calls" VALUES(5,'1688850000000001',18,1795667467708,1795667467715,'sent','','');
INSERT INTO "calls" VALUES(6,'1688850000000001',20,1795667467818,1795667467826,'unanswered','connection_lost','RemoteProtocolError: Server disconnected without sending a response.');
INSERT INTO "calls" VALUES(7,'1688850000000001',21,1795667467877,1795667467885,'refused','bad_parameter','406: 参数错误');
INSERT INTO "calls" VALUES(8,'1688850000000001',21,1795667467937,1795667467944,'sent','','');
INSERT INTO "calls" VALUES(9,'1688850000000001',21,1795667467994,1795667468001,'refused','bad_parameter','406: 参数错误');
INSERT INTO "calls" VALUES(10,'1688850000000002',22,1795667468109,1795667468118,'refused','bad_parameter','406: 参数错误');
INSERT INTO "calls" VALUES(11,'1688850000000002',22,1795667468168,1795667468175,'deferred','offline','1001: 账号不在线,请重新登录');
CREATE TABLE chat_accounts (
	account TEXT NOT NULL, 
	chat TEXT NOT NULL, 
	synced_at BIGINT NOT NULL, 
	CONSTRAINT pk_chat_accounts PRIMARY KEY (account, chat)
)
 WITHOUT ROWID

;
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
INSERT INTO "cursors" VALUES('1688850000000002','','7000000000000000049',1795667468112,1795667468112,1795667469338);
INSERT INTO "cursors" VALUES('1688850000000001','','7000000000000000044',1795667467829,1795667467829,1795667469358);
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
INSERT INTO "decisions" VALUES(1,0,'matched','["退款"]','',1,1795667467391);
INSERT INTO "decisions" VALUES(2,0,'no_match','[]','',1,1795667467415);
INSERT INTO "decisions" VALUES(3,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":4,"key":"self_sent","expected":false,"actual":true}]}',1,1795667467474);
INSERT INTO "decisions" VALUES(4,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":4,"key":"self_sent","expected":false,"actual":true}]}',1,1795667467480);
INSERT INTO "decisions" VALUES(5,0,'matched','["退款"]','',1,1795667467487);
INSERT INTO "decisions" VALUES(6,0,'matched','["退款"]','',1,1795667467495);
INSERT INTO "decisions" VALUES(7,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":4,"key":"self_sent","expected":false,"actual":true}]}',1,1795667467550);
INSERT INTO "decisions" VALUES(8,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":4,"key":"self_sent","expected":false,"actual":true}]}',1,1795667467557);
INSERT INTO "decisions" VALUES(9,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":4,"key":"self_sent","expected":false,"actual":true}]}',1,1795667467611);
INSERT INTO "decisions" VALUES(10,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":4,"key":"self_sent","expected":false,"actual":true}]}',1,1795667467615);
INSERT INTO "decisions" VALUES(11,0,'matched','["退款"]','',1,1795667467620);
INSERT INTO "decisions" VALUES(12,0,'no_match','[]','',1,1795667467627);
INSERT INTO "decisions" VALUES(13,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":4,"key":"self_sent","expected":false,"actual":true}]}',1,1795667467682);
INSERT INTO "decisions" VALUES(14,0,'self_sent','[]','{"near":[{"rule":"退款","file":"rules.toml","line":4,"key":"self_sent","expected":false,"actual":true}]}',1,1795667467687);
INSERT INTO "decisions" VALUES(15,0,'no_match','[]','',1,1795667467694);
INSERT INTO "decisions" VALUES(16,0,'no_match','[]','',1,1795667467698);
INSERT INTO "decisions" VALUES(17,0,'no_match','[]','',1,1795667467701);
INSERT INTO "decisions" VALUES(18,0,'matched','["merge"]','',1,1795667467704);
INSERT INTO "decisions" VALUES(19,0,'self_sent','[]','{"near":[{"rule":"merge","file":"rules.toml","line":10,"key":"self_sent","expected":false,"actual":true}]}',1,1795667467766);
INSERT INTO "decisions" VALUES(20,0,'matched','["退款"]','',1,1795667467814);
INSERT INTO "decisions" VALUES(21,0,'matched','["退款"]','',1,1795667467830);
INSERT INTO "decisions" VALUES(22,0,'matched','["退款"]','',1,1795667468100);
INSERT INTO "decisions" VALUES(23,0,'matched','["merge"]','',1,1795667468114);
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
	parked BOOLEAN DEFAULT false NOT NULL, 
	on_unknown TEXT DEFAULT '' NOT NULL, 
	due_at BIGINT NOT NULL, 
	expires_at BIGINT, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	call_id INTEGER, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, fingerprint TEXT DEFAULT '' NOT NULL, strict BOOLEAN DEFAULT false NOT NULL, 
	CONSTRAINT pk_deliveries PRIMARY KEY (id), 
	CONSTRAINT fk_deliveries_message_id FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE, 
	CONSTRAINT uq_deliveries_event_chat_nonce UNIQUE (event, chat, nonce)
);
INSERT INTO "deliveries" VALUES(1,1,'R:10900000000000001|wx_svrid|1000000000000000001',0,'1688850000000001','R:10900000000000002','confirmed','','["退款"]','退款',0,1,0,0,'hold',1795667467389,4949267467378,1,1,1795667467391,1795667467474,'050c1fdf8cfcd24609d4a24b',0);
INSERT INTO "deliveries" VALUES(2,1,'R:10900000000000001|wx_svrid|1000000000000000001',0,'1688850000000001','7881300000000001','confirmed','','["退款"]','退款',0,1,0,0,'hold',1795667467389,4949267467378,1,1,1795667467391,1795667467480,'050c1fdf8cfcd24609d4a24b',0);
INSERT INTO "deliveries" VALUES(3,5,'R:10900000000000001|wx_svrid|1000000000000000009',0,'1688850000000001','R:10900000000000002','confirmed','','["退款"]','退款',0,2,0,0,'hold',1795667467486,4949267467485,1,2,1795667467487,1795667467550,'aa28bbb846a06ec73384b8e8',0);
INSERT INTO "deliveries" VALUES(4,5,'R:10900000000000001|wx_svrid|1000000000000000009',0,'1688850000000001','7881300000000001','confirmed','','["退款"]','退款',0,2,0,0,'hold',1795667467486,4949267467485,1,2,1795667467487,1795667467557,'aa28bbb846a06ec73384b8e8',0);
INSERT INTO "deliveries" VALUES(5,6,'R:10900000000000001|wx_svrid|1000000000000000011',0,'1688850000000001','R:10900000000000002','confirmed','','["退款"]','退款',0,3,0,0,'hold',1795667467495,4949267467494,1,3,1795667467495,1795667467611,'eca1d2d8bdb7edd81222055f',0);
INSERT INTO "deliveries" VALUES(6,6,'R:10900000000000001|wx_svrid|1000000000000000011',0,'1688850000000001','7881300000000001','confirmed','','["退款"]','退款',0,3,0,0,'hold',1795667467495,4949267467494,1,3,1795667467495,1795667467615,'eca1d2d8bdb7edd81222055f',0);
INSERT INTO "deliveries" VALUES(7,11,'R:10900000000000001|wx_svrid|1000000000000000021',0,'1688850000000001','R:10900000000000002','confirmed','','["退款"]','退款',0,4,0,0,'hold',1795667467620,4949267467620,1,4,1795667467620,1795667467682,'14af8680359c0d4a8ffa593a',0);
INSERT INTO "deliveries" VALUES(8,11,'R:10900000000000001|wx_svrid|1000000000000000021',0,'1688850000000001','7881300000000001','confirmed','','["退款"]','退款',0,4,0,0,'hold',1795667467620,4949267467620,1,4,1795667467620,1795667467687,'14af8680359c0d4a8ffa593a',0);
INSERT INTO "deliveries" VALUES(9,18,'R:10900000000000001|wx_svrid|1000000000000000035',0,'1688850000000001','R:10900000000000003','confirmed','','["merge"]','merge',0,5,0,0,'hold',1795667467704,4949267467704,1,5,1795667467704,1795667467766,'f94171f367e56480b0aa33eb',0);
INSERT INTO "deliveries" VALUES(10,20,'R:10900000000000001|wx_svrid|1000000000000000039',0,'1688850000000001','R:10900000000000002','unknown','connection_lost','["退款"]','退款',0,6,0,0,'hold',1795667467814,4949267467813,1,6,1795667467814,1795667467826,'2af24cd5f9ce5a7faae2dd4f',0);
INSERT INTO "deliveries" VALUES(11,20,'R:10900000000000001|wx_svrid|1000000000000000039',0,'1688850000000001','7881300000000001','unknown','connection_lost','["退款"]','退款',0,6,0,0,'hold',1795667467814,4949267467813,1,6,1795667467814,1795667467826,'2af24cd5f9ce5a7faae2dd4f',0);
INSERT INTO "deliveries" VALUES(12,21,'R:10900000000000001|wx_svrid|1000000000000000043',0,'1688850000000001','R:10900000000000002','sent','','["退款"]','退款',0,7,1,0,'hold',1795667467885,4949267467829,1,8,1795667467830,1795667467944,'a570a43e5951ec4daf0ca94d',0);
INSERT INTO "deliveries" VALUES(13,21,'R:10900000000000001|wx_svrid|1000000000000000043',0,'1688850000000001','7881300000000001','failed','bad_parameter','["退款"]','退款',0,7,1,0,'hold',1795667467885,4949267467829,1,9,1795667467830,1795667468001,'a570a43e5951ec4daf0ca94d',0);
INSERT INTO "deliveries" VALUES(14,22,'1688850000000002|7881300000000003|wx_svrid|1000000000000000046',0,'1688850000000002','R:10900000000000002','pending','offline','["退款"]','退款',0,1,1,0,'hold',1795667468175,4949267468099,0,11,1795667468100,1795667468175,'d48d1273c7c22d82a65a74aa',0);
INSERT INTO "deliveries" VALUES(15,22,'1688850000000002|7881300000000003|wx_svrid|1000000000000000046',0,'1688850000000002','7881300000000001','pending','split','["退款"]','退款',0,1,1,0,'hold',1795667468118,4949267468099,0,10,1795667468100,1795667468118,'d48d1273c7c22d82a65a74aa',0);
INSERT INTO "deliveries" VALUES(16,23,'1688850000000002|7881300000000003|wx_svrid|1000000000000000048',0,'1688850000000002','R:10900000000000003','held','operator','["merge"]','merge',0,2,0,0,'hold',1795667468114,4949267468112,0,NULL,1795667468114,1795667469785,'7c5c87bc7433ebea9a9f23d0',0);
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
	CONSTRAINT pk_lanes PRIMARY KEY (account)
);
INSERT INTO "lanes" VALUES('1688850000000001','ready',1795667468051,0,'',7,1795667468001);
INSERT INTO "lanes" VALUES('1688850000000002','offline',1795667498175,1,'1001: 账号不在线,请重新登录',1,1795667468175);
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
	CONSTRAINT pk_messages PRIMARY KEY (id), 
	CONSTRAINT uq_messages_account_key UNIQUE (account, "key")
);
INSERT INTO "messages" VALUES(1,'1688850000000001','7000000000000000002','R:10900000000000001|wx_svrid|1000000000000000001','R:10900000000000001','room','7881300000000002','text',1795667467378,1795667467389,'callback','7000000000000000002','1000000000000000001','CAQQ000000000001',0,0,'你好,我要退款','{"items":[{"type":"text","text":"你好,我要退款"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000001","chat_type":2,"from_wxid":"7881300000000002","to_wxid":"R:10900000000000001","svrid":"7000000000000000002","wx_svrid":"1000000000000000001","wx_msgid":"CAQQ000000000001","msg_type":"text","content":,"msg_time":1795667467378,"msg_hash":"d19aa1549c8365f5","client_id":""}',327);
INSERT INTO "messages" VALUES(2,'1688850000000001','7000000000000000004','R:10900000000000001|wx_svrid|1000000000000000003','R:10900000000000001','room','7881300000000002','text',1795667467414,1795667467415,'callback','7000000000000000004','1000000000000000003','CAQQ000000000003',0,0,'我要退[微笑]款 😀','{"items":[{"type":"text","text":"我要退"},{"type":"emotion","text":"[微笑]"},{"type":"text","text":"款 😀"}],"at_list":["1688850000000001"]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000001","chat_type":2,"from_wxid":"7881300000000002","to_wxid":"R:10900000000000001","svrid":"7000000000000000004","wx_svrid":"1000000000000000003","wx_msgid":"CAQQ000000000003","msg_type":"text","content":,"msg_time":1795667467414,"msg_hash":"3f851826812ecb6a","client_id":""}',327);
INSERT INTO "messages" VALUES(3,'1688850000000001','7000000000000000007','R:10900000000000002|wx_svrid|1000000000000000005','R:10900000000000002','room','1688850000000001','text',1795667467422,1795667467474,'callback','7000000000000000007','1000000000000000005','CAQQ000000000005',1,0,'你好,我要退款','{"items":[{"type":"text","text":"你好,我要退款"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000002","chat_type":2,"from_wxid":"1688850000000001","to_wxid":"R:10900000000000002","svrid":"7000000000000000007","wx_svrid":"1000000000000000005","wx_msgid":"CAQQ000000000005","msg_type":"text","content":,"msg_time":1795667467422,"msg_hash":"d19aa1549c8365f5","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"1688850000000001","source":2,"sub_task_id":"5","sub_user_id":10087,"target_id":"5","target_wxid":"R:10900000000000002","task_id":"9007199254740998","user_id":"10021"}}',327);
INSERT INTO "messages" VALUES(4,'1688850000000001','7000000000000000008','1688850000000001|7881300000000001|wx_svrid|1000000000000000006','7881300000000001','private','1688850000000001','text',1795667467422,1795667467474,'callback','7000000000000000008','1000000000000000006','CAQQ000000000006',1,0,'你好,我要退款','{"items":[{"type":"text","text":"你好,我要退款"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"7881300000000001","chat_type":1,"from_wxid":"1688850000000001","to_wxid":"7881300000000001","svrid":"7000000000000000008","wx_svrid":"1000000000000000006","wx_msgid":"CAQQ000000000006","msg_type":"text","content":,"msg_time":1795667467422,"msg_hash":"d19aa1549c8365f5","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"1688850000000001","source":2,"sub_task_id":"6","sub_user_id":10087,"target_id":"6","target_wxid":"7881300000000001","task_id":"9007199254740999","user_id":"10021"}}',321);
INSERT INTO "messages" VALUES(5,'1688850000000001','7000000000000000010','R:10900000000000001|wx_svrid|1000000000000000009','R:10900000000000001','room','7881300000000002','text',1795667467485,1795667467486,'callback','7000000000000000010','1000000000000000009','CAQQ000000000009',0,0,'投诉 / café �','{"items":[{"type":"text","text":"\u6295\u8bc9 \/ caf\u00e9 \ud83d"}],"\u0074race":"\ud83d\ude00"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000001","chat_type":2,"from_wxid":"7881300000000002","to_wxid":"R:10900000000000001","svrid":"7000000000000000010","wx_svrid":"1000000000000000009","wx_msgid":"CAQQ000000000009","msg_type":"text","content":,"msg_time":1795667467485,"msg_hash":"180b04e02edd5250","client_id":"","push_seq":18446744073709551616,"cut":"\udc00"}',327);
INSERT INTO "messages" VALUES(6,'1688850000000001','7000000000000000012','R:10900000000000001|wx_svrid|1000000000000000011','R:10900000000000001','room','7881300000000002','text',1795667467494,1795667467495,'callback','7000000000000000012','1000000000000000011','CAQQ000000000011',0,0,'投诉','{ "items" : [ {"text":"投诉", "type":"text"} ] ,
  "seq":9007199254740993, "ratio":1.0, "huge":1E400, "tiny":-0.0e-7, "big":123456789012345678901234567890 }','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000001","chat_type":2,"from_wxid":"7881300000000002","to_wxid":"R:10900000000000001","svrid":"7000000000000000012","wx_svrid":"1000000000000000011","wx_msgid":"CAQQ000000000011","msg_type":"text","content":,"msg_time":1795667467494,"msg_hash":"516532bae47e00b4","client_id":"","server_seq":9007199254740993,"weight":1.0}',327);
INSERT INTO "messages" VALUES(7,'1688850000000001','7000000000000000015','R:10900000000000002|wx_svrid|1000000000000000013','R:10900000000000002','room','1688850000000001','text',1795667467497,1795667467549,'callback','7000000000000000015','1000000000000000013','CAQQ000000000013',1,0,'投诉 / café �','{"items":[{"type":"text","text":"\u6295\u8bc9 \/ caf\u00e9 \ud83d"}],"\u0074race":"\ud83d\ude00"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000002","chat_type":2,"from_wxid":"1688850000000001","to_wxid":"R:10900000000000002","svrid":"7000000000000000015","wx_svrid":"1000000000000000013","wx_msgid":"CAQQ000000000013","msg_type":"text","content":,"msg_time":1795667467497,"msg_hash":"180b04e02edd5250","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"1688850000000001","source":2,"sub_task_id":"13","sub_user_id":10087,"target_id":"13","target_wxid":"R:10900000000000002","task_id":"9007199254741006","user_id":"10021"}}',327);
INSERT INTO "messages" VALUES(8,'1688850000000001','7000000000000000016','1688850000000001|7881300000000001|wx_svrid|1000000000000000014','7881300000000001','private','1688850000000001','text',1795667467497,1795667467550,'callback','7000000000000000016','1000000000000000014','CAQQ000000000014',1,0,'投诉 / café �','{"items":[{"type":"text","text":"\u6295\u8bc9 \/ caf\u00e9 \ud83d"}],"\u0074race":"\ud83d\ude00"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"7881300000000001","chat_type":1,"from_wxid":"1688850000000001","to_wxid":"7881300000000001","svrid":"7000000000000000016","wx_svrid":"1000000000000000014","wx_msgid":"CAQQ000000000014","msg_type":"text","content":,"msg_time":1795667467497,"msg_hash":"180b04e02edd5250","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"1688850000000001","source":2,"sub_task_id":"14","sub_user_id":10087,"target_id":"14","target_wxid":"7881300000000001","task_id":"9007199254741007","user_id":"10021"}}',321);
INSERT INTO "messages" VALUES(9,'1688850000000001','7000000000000000019','R:10900000000000002|wx_svrid|1000000000000000017','R:10900000000000002','room','1688850000000001','text',1795667467558,1795667467610,'callback','7000000000000000019','1000000000000000017','CAQQ000000000017',1,0,'投诉','{ "items" : [ {"text":"投诉", "type":"text"} ] ,
  "seq":9007199254740993, "ratio":1.0, "huge":1E400, "tiny":-0.0e-7, "big":123456789012345678901234567890 }','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000002","chat_type":2,"from_wxid":"1688850000000001","to_wxid":"R:10900000000000002","svrid":"7000000000000000019","wx_svrid":"1000000000000000017","wx_msgid":"CAQQ000000000017","msg_type":"text","content":,"msg_time":1795667467558,"msg_hash":"516532bae47e00b4","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"1688850000000001","source":2,"sub_task_id":"17","sub_user_id":10087,"target_id":"17","target_wxid":"R:10900000000000002","task_id":"9007199254741010","user_id":"10021"}}',327);
INSERT INTO "messages" VALUES(10,'1688850000000001','7000000000000000020','1688850000000001|7881300000000001|wx_svrid|1000000000000000018','7881300000000001','private','1688850000000001','text',1795667467558,1795667467611,'callback','7000000000000000020','1000000000000000018','CAQQ000000000018',1,0,'投诉','{ "items" : [ {"text":"投诉", "type":"text"} ] ,
  "seq":9007199254740993, "ratio":1.0, "huge":1E400, "tiny":-0.0e-7, "big":123456789012345678901234567890 }','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"7881300000000001","chat_type":1,"from_wxid":"1688850000000001","to_wxid":"7881300000000001","svrid":"7000000000000000020","wx_svrid":"1000000000000000018","wx_msgid":"CAQQ000000000018","msg_type":"text","content":,"msg_time":1795667467558,"msg_hash":"516532bae47e00b4","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"1688850000000001","source":2,"sub_task_id":"18","sub_user_id":10087,"target_id":"18","target_wxid":"7881300000000001","task_id":"9007199254741011","user_id":"10021"}}',321);
INSERT INTO "messages" VALUES(11,'1688850000000001','7000000000000000022','R:10900000000000001|wx_svrid|1000000000000000021','R:10900000000000001','room','7881300000000002','text',1795667467620,1795667467620,'callback','7000000000000000022','1000000000000000021','CAQQ000000000021',0,0,'退款','{"items":[{"type":"text","text":"旧"}],"z":1,"a":2,"items":[{"type":"text","text":"退款"}],"z":{}}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000001","chat_type":2,"from_wxid":"7881300000000002","to_wxid":"R:10900000000000001","svrid":"7000000000000000022","wx_svrid":"1000000000000000021","wx_msgid":"CAQQ000000000021","msg_type":"text","content":,"msg_time":1795667467620,"msg_hash":"fa8f457efb506315","client_id":"","client_extra":{"k":1,"k":2}}',327);
INSERT INTO "messages" VALUES(12,'1688850000000001','7000000000000000024','R:10900000000000001|wx_svrid|1000000000000000023','R:10900000000000001','room','7881300000000002','announcement',1795667467626,1795667467627,'callback','7000000000000000024','1000000000000000023','CAQQ000000000023',0,0,'群公告
本周六停机维护','{"title":"群公告","text":"本周六停机维护","publisher":"7881300000000001","publish_time":1641280299}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000001","chat_type":2,"from_wxid":"7881300000000002","to_wxid":"R:10900000000000001","svrid":"7000000000000000024","wx_svrid":"1000000000000000023","wx_msgid":"CAQQ000000000023","msg_type":"announcement","content":,"msg_time":1795667467626,"msg_hash":"b96b71b9658fe4aa","client_id":""}',335);
INSERT INTO "messages" VALUES(13,'1688850000000001','7000000000000000027','R:10900000000000002|wx_svrid|1000000000000000025','R:10900000000000002','room','1688850000000001','text',1795667467630,1795667467682,'callback','7000000000000000027','1000000000000000025','CAQQ000000000025',1,0,'退款','{"items":[{"type":"text","text":"旧"}],"z":1,"a":2,"items":[{"type":"text","text":"退款"}],"z":{}}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000002","chat_type":2,"from_wxid":"1688850000000001","to_wxid":"R:10900000000000002","svrid":"7000000000000000027","wx_svrid":"1000000000000000025","wx_msgid":"CAQQ000000000025","msg_type":"text","content":,"msg_time":1795667467630,"msg_hash":"fa8f457efb506315","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"1688850000000001","source":2,"sub_task_id":"25","sub_user_id":10087,"target_id":"25","target_wxid":"R:10900000000000002","task_id":"9007199254741018","user_id":"10021"}}',327);
INSERT INTO "messages" VALUES(14,'1688850000000001','7000000000000000028','1688850000000001|7881300000000001|wx_svrid|1000000000000000026','7881300000000001','private','1688850000000001','text',1795667467630,1795667467682,'callback','7000000000000000028','1000000000000000026','CAQQ000000000026',1,0,'退款','{"items":[{"type":"text","text":"旧"}],"z":1,"a":2,"items":[{"type":"text","text":"退款"}],"z":{}}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"7881300000000001","chat_type":1,"from_wxid":"1688850000000001","to_wxid":"7881300000000001","svrid":"7000000000000000028","wx_svrid":"1000000000000000026","wx_msgid":"CAQQ000000000026","msg_type":"text","content":,"msg_time":1795667467630,"msg_hash":"fa8f457efb506315","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"1688850000000001","source":2,"sub_task_id":"26","sub_user_id":10087,"target_id":"26","target_wxid":"7881300000000001","task_id":"9007199254741019","user_id":"10021"}}',321);
INSERT INTO "messages" VALUES(15,'1688850000000001','7000000000000000030','R:10900000000000001|wx_svrid|1000000000000000029','R:10900000000000001','room','7881300000000002','picture',1795667467693,1795667467694,'callback','7000000000000000030','1000000000000000029','CAQQ000000000029',0,1,'','{"url":"https:\/\/cdn.example.com\/p\/1.jpg?sign=a%2Bb&t=1","md5":"9e107d9d372bb6826bd81d3542a419d6","width":1080,"height":2400,"size":184467440737095516,"file_id":"308188020102"}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000001","chat_type":2,"from_wxid":"7881300000000002","to_wxid":"R:10900000000000001","svrid":"7000000000000000030","wx_svrid":"1000000000000000029","wx_msgid":"CAQQ000000000029","msg_type":"picture","content":,"msg_time":1795667467693,"msg_hash":"3d362d0cb181c7e4","client_id":""}',330);
INSERT INTO "messages" VALUES(16,'1688850000000001','7000000000000000032','R:10900000000000001|wx_svrid|1000000000000000031','R:10900000000000001','room','7881300000000002','link',1795667467697,1795667467698,'callback','7000000000000000032','1000000000000000031','CAQQ000000000031',0,0,'年终大促
满 100 减 50','{"url":"https://example.com/a?b=1&c=2#d","title":"年终大促","desc":"满 100 减 50","cover":""}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000001","chat_type":2,"from_wxid":"7881300000000002","to_wxid":"R:10900000000000001","svrid":"7000000000000000032","wx_svrid":"1000000000000000031","wx_msgid":"CAQQ000000000031","msg_type":"link","content":,"msg_time":1795667467697,"msg_hash":"2a8855365292d7a0","client_id":""}',327);
INSERT INTO "messages" VALUES(17,'1688850000000001','7000000000000000034','R:10900000000000001|wx_svrid|1000000000000000033','R:10900000000000001','room','7881300000000002','voice',1795667467701,1795667467701,'callback','7000000000000000034','1000000000000000033','CAQQ000000000033',0,0,'','{"url":"https://cdn.example.com/v/1.silk","duration":12.50,"size":20480,"text":""}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000001","chat_type":2,"from_wxid":"7881300000000002","to_wxid":"R:10900000000000001","svrid":"7000000000000000034","wx_svrid":"1000000000000000033","wx_msgid":"CAQQ000000000033","msg_type":"voice","content":,"msg_time":1795667467701,"msg_hash":"e4f9c152bffeb500","client_id":""}',328);
INSERT INTO "messages" VALUES(18,'1688850000000001','7000000000000000036','R:10900000000000001|wx_svrid|1000000000000000035','R:10900000000000001','room','7881300000000002','merge',1795667467704,1795667467704,'callback','7000000000000000036','1000000000000000035','CAQQ000000000035',0,1,'群聊的聊天记录','{"title":"群聊的聊天记录","n":18446744073709551617}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000001","chat_type":2,"from_wxid":"7881300000000002","to_wxid":"R:10900000000000001","svrid":"7000000000000000036","wx_svrid":"1000000000000000035","wx_msgid":"CAQQ000000000035","msg_type":"merge","content":,"msg_time":1795667467704,"msg_hash":"7974d642e7d55f26","client_id":""}',328);
INSERT INTO "messages" VALUES(19,'1688850000000001','7000000000000000038','R:10900000000000003|wx_svrid|1000000000000000037','R:10900000000000003','room','1688850000000001','merge',1795667467714,1795667467766,'callback','7000000000000000038','1000000000000000037','CAQQ000000000037',1,1,'群聊的聊天记录','{"title":"群聊的聊天记录","n":18446744073709551617}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000003","chat_type":2,"from_wxid":"1688850000000001","to_wxid":"R:10900000000000003","svrid":"7000000000000000038","wx_svrid":"1000000000000000037","wx_msgid":"CAQQ000000000037","msg_type":"merge","content":,"msg_time":1795667467714,"msg_hash":"7974d642e7d55f26","client_id":"","extra":{"callback_type":1,"client_callback_type":0,"index":0,"module":"forwardMsg","sender_wxid":"1688850000000001","source":2,"sub_task_id":"37","sub_user_id":10087,"target_id":"37","target_wxid":"R:10900000000000003","task_id":"9007199254741030","user_id":"10021"}}',328);
INSERT INTO "messages" VALUES(20,'1688850000000001','7000000000000000040','R:10900000000000001|wx_svrid|1000000000000000039','R:10900000000000001','room','7881300000000003','text',1795667467813,1795667467814,'callback','7000000000000000040','1000000000000000039','CAQQ000000000039',0,0,'投诉, 没有回答的那一条','{"items": [{"type": "text", "text": "投诉, 没有回答的那一条"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000001","chat_type":2,"from_wxid":"7881300000000003","to_wxid":"R:10900000000000001","svrid":"7000000000000000040","wx_svrid":"1000000000000000039","wx_msgid":"CAQQ000000000039","msg_type":"text","content":,"msg_time":1795667467813,"msg_hash":"d3accf68efcaa826","client_id":""}',327);
INSERT INTO "messages" VALUES(21,'1688850000000001','7000000000000000044','R:10900000000000001|wx_svrid|1000000000000000043','R:10900000000000001','room','7881300000000003','text',1795667467829,1795667467830,'callback','7000000000000000044','1000000000000000043','CAQQ000000000043',0,0,'退款失败的那一条','{"items": [{"type": "text", "text": "退款失败的那一条"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000001","chat_wxid":"R:10900000000000001","chat_type":2,"from_wxid":"7881300000000003","to_wxid":"R:10900000000000001","svrid":"7000000000000000044","wx_svrid":"1000000000000000043","wx_msgid":"CAQQ000000000043","msg_type":"text","content":,"msg_time":1795667467829,"msg_hash":"d0e96b3840072bc6","client_id":""}',327);
INSERT INTO "messages" VALUES(22,'1688850000000002','7000000000000000047','1688850000000002|7881300000000003|wx_svrid|1000000000000000046','7881300000000003','private','7881300000000003','text',1795667468099,1795667468100,'callback','7000000000000000047','1000000000000000046','CAQQ000000000046',0,0,'退款,等账号上线','{"items": [{"type": "text", "text": "退款,等账号上线"}]}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000002","chat_wxid":"7881300000000003","chat_type":1,"from_wxid":"7881300000000003","to_wxid":"1688850000000002","svrid":"7000000000000000047","wx_svrid":"1000000000000000046","wx_msgid":"CAQQ000000000046","msg_type":"text","content":,"msg_time":1795667468099,"msg_hash":"c9ef9fbb8c982ea4","client_id":""}',321);
INSERT INTO "messages" VALUES(23,'1688850000000002','7000000000000000049','1688850000000002|7881300000000003|wx_svrid|1000000000000000048','7881300000000003','private','7881300000000003','merge',1795667468112,1795667468114,'callback','7000000000000000049','1000000000000000048','CAQQ000000000048',0,1,'等着的记录','{"title":"等着的记录","n":1.0}','{"corp_id":1970325026041234567,"user_id":"10021","sub_user_id":10087,"wxid":"1688850000000002","chat_wxid":"7881300000000003","chat_type":1,"from_wxid":"7881300000000003","to_wxid":"1688850000000002","svrid":"7000000000000000049","wx_svrid":"1000000000000000048","wx_msgid":"CAQQ000000000048","msg_type":"merge","content":,"msg_time":1795667468112,"msg_hash":"75c6b1d0f6b79dbb","client_id":""}',322);
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
INSERT INTO "mutes" VALUES(1,'chat','7881300000000001',1795671070337,'午休','root',1795667470342,NULL);
CREATE TABLE notices (
	id INTEGER NOT NULL, 
	received_at BIGINT NOT NULL, 
	source TEXT DEFAULT '' NOT NULL, 
	account TEXT DEFAULT '' NOT NULL, 
	type TEXT DEFAULT '' NOT NULL, 
	body TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_notices PRIMARY KEY (id)
);
INSERT INTO "notices" VALUES(1,1795667467710,'callback','1688850000000001','taskDone','{"type":"taskDone ","corp_wxid":"1970325000000001","rel_wxid":"1688850000000001","data":{"task_id":7}}');
CREATE TABLE probes (
	name TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_probes PRIMARY KEY (name)
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
INSERT INTO "quarantine" VALUES(1,1795667467795,'callback','decrypt','no form of the body decrypts to JSON: is callback.aes_key right?',X'6E6F74207265616461626C6520617420616C6C');
CREATE TABLE rule_changes (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	rule_set_id INTEGER NOT NULL, 
	rules INTEGER DEFAULT '0' NOT NULL, 
	summary TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_rule_changes PRIMARY KEY (id), 
	CONSTRAINT fk_rule_changes_rule_set_id FOREIGN KEY(rule_set_id) REFERENCES rule_sets (id)
);
INSERT INTO "rule_changes" VALUES(1,1795667467303,1,2,'{"added": ["merge", "退款"], "changed": [], "removed": []}');
CREATE TABLE rule_matches (
	rule TEXT NOT NULL, 
	known_at BIGINT NOT NULL, 
	matched_at BIGINT, 
	matches BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_rule_matches PRIMARY KEY (rule)
);
INSERT INTO "rule_matches" VALUES('退款',1795667467391,1795667468100,7);
INSERT INTO "rule_matches" VALUES('merge',1795667467704,1795667468114,2);
CREATE TABLE rule_sets (
	id INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	loaded_at BIGINT NOT NULL, 
	sources TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_rule_sets PRIMARY KEY (id), 
	CONSTRAINT uq_rule_sets_hash UNIQUE (hash)
);
INSERT INTO "rule_sets" VALUES(1,'c77e13af9ab471b2',1795667467303,'{"rules.toml": "\n[names]\n\"运营群\" = \"R:10900000000000002\"\n[[rules]]\nid = \"退款\"\ndescription = \"转给运营群\"\nforward_to = [\"运营群\", \"7881300000000001\"]\n[rules.when]\ncontains = [\"退款\", \"投诉\"]\n[[rules]]\nid = \"merge\"\nforward_to = [\"R:10900000000000003\"]\n[rules.when]\ntype = [\"merge\"]\n"}');
CREATE INDEX ix_calls_account_began_at ON calls (account, began_at);
CREATE INDEX ix_calls_message_id ON calls (message_id);
CREATE INDEX ix_messages_chat_id ON messages (chat, id);
CREATE INDEX ix_messages_received_at ON messages (received_at);
CREATE INDEX ix_deliveries_due ON deliveries (account, due_at) WHERE state = 'pending' AND parked;
CREATE INDEX ix_deliveries_expires ON deliveries (expires_at) WHERE state = 'pending';
CREATE INDEX ix_deliveries_message_id ON deliveries (message_id);
CREATE INDEX ix_deliveries_state ON deliveries (state, id);
CREATE INDEX ix_deliveries_turns ON deliveries (account, rule, turn) WHERE state = 'pending' AND NOT parked;
CREATE INDEX ix_attempts_account_began_at ON attempts (account, began_at);
CREATE INDEX ix_attempts_delivery_id ON attempts (delivery_id);
CREATE INDEX ix_deliveries_queue ON deliveries (account, priority DESC, turn, attempts, id) WHERE state = 'pending' AND NOT parked;
CREATE INDEX ix_deliveries_fingerprint_chat ON deliveries (fingerprint, chat);
CREATE INDEX ix_messages_event ON messages (event);
CREATE INDEX ix_mutes_until ON mutes (until);
CREATE INDEX ix_deliveries_ordered ON deliveries (account, chat, message_id) WHERE strict AND state IN ('pending', 'sending', 'unknown');
CREATE INDEX ix_decisions_too_old ON decisions (decided_at) WHERE reason = 'too_old';
CREATE INDEX ix_cooldowns_until ON cooldowns (until);
CREATE INDEX ix_chats_kind_id ON chats (kind, id);
CREATE INDEX ix_chat_accounts_chat ON chat_accounts (chat);
COMMIT;
