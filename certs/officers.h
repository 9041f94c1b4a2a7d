/* SPDX-License-Identifier: EUPL-1.2
 *
 * The files of an officer's folder: his key, his certificate, and what he has pinned: the
 * operator's certificate and the newest list that he has seen in force. */
#ifndef DAFTAR_OFFICERS_H
#define DAFTAR_OFFICERS_H

#define OFFICER_KEY "officer.key"
#define OFFICER_CERT "officer.pem"
#define OFFICER_OPERATOR "operator.pem"
#define OFFICER_LIST "trust.xml"

#endif
