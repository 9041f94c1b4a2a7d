-- SPDX-License-Identifier: EUPL-1.2
--
-- What the Kenyan register holds about the child of case.json: an unmistakable text in every column
-- that can have one. What the request says too has to be the same, or the entry would not be found.
INSERT INTO registration_office VALUES ('QXZ', 'Wuxqeera Tovmidze', 'Ostquvlamp');
INSERT INTO birth_entry VALUES ('QX/7304/55918', 'QXZ', '2020-02-11', 'displacement',
	'Zyxoqara Vlimtepo Kwurbagef', 'Zyxoqara', 'Vlimtepo', 'Kwurbagef', 'Pehkzwuqari', 'Latn',
	'so-x-hoqzwimp', 'Lhutqezwiko Ambriqzoth', '10847362915047', 'F', '2019-10-23',
	'day twenty-three of Oqtobrzwex', 'gregorian', 'document', '04:37',
	'Maternity of Jhuqpexdorf', 'KE', 'KE-Q7Z', 'KE730491856217', 'TWIN');
INSERT INTO birth_parent VALUES ('QX/7304/55918', 'mother', 'Gaxwuqefi Nolpizhtra', 'Gaxwuqefi',
	'Nolpizhtra', 'Muqzelthavo', 'Latn', 'so-x-wuqpzema', 'Ghezqwulima Horvxape', '1979-04-27', 'SO', 'ke-nid',
	'58203917463');
INSERT INTO birth_parent VALUES ('QX/7304/55918', 'father', 'Dobzuqwaih Fregxilomt', 'Dobzuqwaih',
	'Quxtelvomir', 'Fregxilomt', 'Latn', 'so-x-joqdzwab', 'Zhimqorvax Ulpetqwan', '1976-07-16',
	'ET', 'ke-nid', '61794028355');
INSERT INTO marginal_note VALUES ('QX/7304/55918', 1, '2022-05-08', 'name-change',
	'formerly Hraxquvilde of Woqzempirt');
-- The second, which a registrar enters by hand.
INSERT INTO birth_entry (entry_no, office_code, registered_on, child_name, child_given, sex,
	birth_date, birth_place, birth_country) VALUES ('QX/7304/66027', 'QXZ', '2018-03-19',
	'Bhaqzulwen Orxtiplame', 'Bhaqzulwen', 'M', '2018-02-27', 'Field of Xolquwerst', 'KE');
