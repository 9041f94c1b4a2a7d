-- SPDX-License-Identifier: EUPL-1.2
--
-- A believable register of births, for the demo and the tests: one entry a birth, its parents, its
-- marginal notes, and for a birth abroad where its first entry stands. Plain SQL, the same for
-- SQLite and PostgreSQL. Days are texts of ISO 8601 (EDTF where a part is not known), because a
-- register holds what was declared and not what a calendar makes of it.

CREATE TABLE registration_office (
	office_code VARCHAR(8) PRIMARY KEY,
	office_name VARCHAR(100) NOT NULL,
	county      VARCHAR(60) NOT NULL
);

CREATE TABLE birth_entry (
	entry_no          VARCHAR(16) PRIMARY KEY,
	office_code       VARCHAR(8) NOT NULL REFERENCES registration_office (office_code),
	registered_on     VARCHAR(10) NOT NULL,
	late_reason       VARCHAR(16),
	child_name        VARCHAR(300) NOT NULL,
	child_given       VARCHAR(300),
	child_father      VARCHAR(100),
	child_grandfather VARCHAR(100),
	child_surname     VARCHAR(100),
	child_script      CHAR(4),
	child_lang        VARCHAR(12),
	child_latin       VARCHAR(300),
	child_upi         VARCHAR(14),
	sex               CHAR(1) NOT NULL CHECK (sex IN ('M', 'F', 'X', 'U')),
	birth_date        VARCHAR(24) NOT NULL,
	birth_authored    VARCHAR(100),
	birth_calendar    VARCHAR(16),
	birth_basis       VARCHAR(16),
	birth_time        VARCHAR(5),
	birth_place       VARCHAR(300) NOT NULL,
	birth_country     CHAR(2) NOT NULL,
	birth_iso         VARCHAR(6),
	birth_pcode       VARCHAR(14),
	multiplicity      VARCHAR(20)
);
CREATE INDEX birth_entry_date ON birth_entry (birth_date);
CREATE INDEX birth_entry_vague ON birth_entry (birth_date)
	WHERE length(birth_date) <> 10 OR birth_date LIKE '%X%' OR birth_date LIKE '%/%';

CREATE TABLE birth_parent (
	entry_no    VARCHAR(16) NOT NULL REFERENCES birth_entry (entry_no),
	role        VARCHAR(6) NOT NULL CHECK (role IN ('mother', 'father', 'parent')),
	full_name   VARCHAR(300) NOT NULL,
	given_name  VARCHAR(100),
	father_name VARCHAR(100),
	surname     VARCHAR(100),
	script      CHAR(4),
	lang        VARCHAR(12),
	latin       VARCHAR(300),
	birth_date  VARCHAR(24),
	nationality VARCHAR(3),
	id_scheme   VARCHAR(24),
	id_number   VARCHAR(40)
);
CREATE INDEX birth_parent_entry ON birth_parent (entry_no, role);

CREATE TABLE marginal_note (
	entry_no  VARCHAR(16) NOT NULL REFERENCES birth_entry (entry_no),
	note_no   INTEGER NOT NULL,
	noted_on  VARCHAR(10) NOT NULL,
	kind      VARCHAR(16) NOT NULL,
	note_text VARCHAR(1000) NOT NULL,
	PRIMARY KEY (entry_no, note_no)
);

CREATE TABLE foreign_origin (
	entry_no         VARCHAR(16) PRIMARY KEY REFERENCES birth_entry (entry_no),
	country          CHAR(2) NOT NULL,
	office           VARCHAR(100) NOT NULL,
	foreign_entry_no VARCHAR(60) NOT NULL,
	UNIQUE (country, office, foreign_entry_no)
);

CREATE TABLE entry_series (
	series  VARCHAR(16) PRIMARY KEY,
	prefix  VARCHAR(8) NOT NULL,
	last_no INTEGER NOT NULL
);
INSERT INTO entry_series VALUES ('abroad', 'F', 0);
INSERT INTO registration_office VALUES
	('ABROAD', 'Registrar of Births Abroad', 'Nairobi');

-- What daftar reads: the register in the words of adapters/column.def.
CREATE VIEW daftar_birth AS
SELECT e.entry_no AS entry_number, o.office_name AS office, e.registered_on AS registered_on,
	e.late_reason AS late, e.child_name AS child_name, e.child_given AS child_given,
	e.child_father AS child_father, e.child_grandfather AS child_grandfather,
	e.child_surname AS child_family, e.child_script AS child_script,
	e.child_lang AS child_lang, e.child_latin AS child_latin,
	e.sex AS sex, e.birth_date AS birth_date, e.birth_authored AS birth_authored,
	e.birth_calendar AS birth_calendar, e.birth_basis AS birth_basis,
	e.birth_time AS birth_time, e.birth_place AS birth_place,
	e.birth_country AS birth_country, e.birth_iso AS birth_iso,
	e.birth_pcode AS birth_pcode, e.multiplicity AS multiplicity,
	CASE WHEN e.child_upi IS NULL THEN NULL ELSE 'ke-upi' END AS child_id_scheme,
	e.child_upi AS child_id,
	m.full_name AS mother_name, m.given_name AS mother_given, m.father_name AS mother_father,
	m.surname AS mother_family, m.script AS mother_script, m.lang AS mother_lang,
	m.latin AS mother_latin, m.birth_date AS mother_birth_date,
	m.nationality AS mother_nationality, m.id_scheme AS mother_id_scheme,
	m.id_number AS mother_id,
	f.full_name AS father_name, f.given_name AS father_given, f.father_name AS father_father,
	f.surname AS father_family, f.script AS father_script, f.lang AS father_lang,
	f.latin AS father_latin, f.birth_date AS father_birth_date,
	f.nationality AS father_nationality, f.id_scheme AS father_id_scheme,
	f.id_number AS father_id
FROM birth_entry e
JOIN registration_office o ON o.office_code = e.office_code
LEFT JOIN birth_parent m ON m.entry_no = e.entry_no AND m.role = 'mother'
LEFT JOIN birth_parent f ON f.entry_no = e.entry_no AND f.role = 'father';
