-- SPDX-License-Identifier: EUPL-1.2
--
-- The one table of daftar in a national data base: which acts from abroad were entered, and as
-- what. Plain SQL, the same for SQLite and PostgreSQL. The adapter's data base user needs INSERT
-- and SELECT on it.

CREATE TABLE daftar_mark (
	mark_key     CHAR(64) PRIMARY KEY,     -- the act, from abroad, as a keyed digest
	entry_number VARCHAR(64) NOT NULL,
	entered_on   VARCHAR(10) NOT NULL,
	entered_as   VARCHAR(300) NOT NULL,
	issuer       VARCHAR(32) NOT NULL,     -- party code
	message      CHAR(36) NOT NULL,        -- that brought it
	extract      TEXT NOT NULL             -- as it came, with the registrar's seal
);
