/* SPDX-License-Identifier: EUPL-1.2
 *
 * The delivery protocol as a model for Spin: two senders, the exchange, two receivers with their
 * registers, and everything that may go wrong between and inside them. doc/model/README.md says
 * what each variable stands for in the program, what was left out, and why.
 *
 * One process speaks for one message at one node, so that every step is a guard and an effect that
 * happen at once. What a step promises is asserted where it is promised. When nothing can happen any
 * more and no fault is left to happen, every accepted message must have ended and its sender know.
 *
 * A configuration sets how much goes wrong (CRASHES, LOSSES, DUPS, ..); a BROKEN_.. switch takes one
 * rule away, and Spin has to find out what that breaks. Both come from tests/model/run. */

#ifndef TOPOLOGY
#define TOPOLOGY 1
#endif
#ifndef CRASHES
#define CRASHES 0
#endif
#ifndef LOSSES
#define LOSSES 0
#endif
#ifndef DUPS
#define DUPS 0
#endif
#ifndef TWIN_EPOCH /* of the twin's spool when it was copied; the other begins with 1 */
#define TWIN_EPOCH 1
#endif

/* ---- who sends what to whom: messages 0 .. NM-1, in order of filing ---- */

#if TOPOLOGY == 1 /* one conversation of two messages */
#define NM 2
#define SND(m) 0
#define RCV(m) 0
#define KEY(m) (m)
#define BEFORE(m) (m == 1)
#elif TOPOLOGY == 2 /* two senders, the same act twice */
#define NM 2
#define SND(m) (m)
#define RCV(m) 0
#define KEY(m) 0
#define BEFORE(m) false
#elif TOPOLOGY == 3 /* two of each, nothing in common but the exchange */
#define NM 2
#define SND(m) (m)
#define RCV(m) (m)
#define KEY(m) (m)
#define BEFORE(m) false
#elif TOPOLOGY == 4 /* a conversation of two, and the act of its first one to the same register */
#define NM 3
#define SND(m) (m / 2)
#define RCV(m) 0
#define KEY(m) (m % 2)
#define BEFORE(m) (m == 1)
#else /* a single message */
#define NM 1
#define SND(m) 0
#define RCV(m) 0
#define KEY(m) 0
#define BEFORE(m) false
#endif
#if TOPOLOGY == 3
#define USED_R(i) true
#else
#define USED_R(i) (i != 1)
#endif
#if TOPOLOGY == 2 || TOPOLOGY == 3 || TOPOLOGY == 4
#define USED_S(i) true
#else
#define USED_S(i) (i != 1)
#endif
/* BEFORE(m): message m-1 comes before m in one conversation. */

/* ---- instances: 0 and 1 are the parties' own programs, 2 is a twin of party 0 ---- */

#ifdef TWIN_S
#define NS 3
#else
#define NS 2
#endif
#ifdef TWIN_R
#define NR 3
#else
#define NR 2
#endif
#if defined(TWIN_S) || defined(TWIN_R)
#define TWINS
#endif
#if defined(TWINS) || defined(RESTORE_B) || defined(RESTORE_R)
#define RECON /* books are compared after each WELCOME; without faults of this kind nothing differs */
#endif
#define PARTY(i) (i % 2)
#define NOBODY 9

/* ---- a message at the exchange ---- */
#define NONE 0
#define ACCEPTED 1
#define DELIVERED 2
#define COMMITTED 3
#define REJECTED 4
#define EXPIRED 5
#define FINAL(s) (s >= COMMITTED)

/* ---- in a sender's spool ---- */
#define FILED 0
#define SENT 1
#define TOLD_DELIVERED 2
/* 3, 4, 5: ended, as above */
#define REFUSED 6

/* ---- in a receiver's spool ---- */
#define IN_NONE 0
#define IN_TAKEN 1
#define IN_CLAIMED 2
#define IN_ENTERING 3 /* CLAIMED, with the mark that entering has begun */
#define IN_DONE 4
#define IN_TOLD 5

/* ---- answers of an addressee ---- */
#define A_ENTERED 1
#define A_ALREADY 2
#define A_REJECTED 3
#define A_ADOPTED 4 /* taken over from the exchange: its octets are not here */
#define END_OF(a) (a == A_REJECTED -> REJECTED : COMMITTED)

/* ---- durable: the exchange's store ---- */
byte stage[NM];
bit queued[NM];	  /* in its addressee's queue */
bit octets[NM];	  /* which octets stand under the id: 0 the sender's own, 1 others */
byte settled[NM]; /* digest of the answer that ended it: which instance signed what */
#ifdef BROKEN_RECEIPT_APART
bit receipted[NM]; /* its receipt is in the store */
#endif
#ifdef TWINS
byte known_s[2], known_r[2];	   /* highest epoch heard of a key */
byte who_s[2], who_r[2];	   /* and whose it was (incarnation) */
#endif
/* ---- durable: spools and registers ---- */
byte out[NS * NM];
byte in[NR * NM];
byte answer[NR * NM];
byte entry[NM]; /* by key: 1 + the message that made the entry, 0: none */
#ifdef TWINS
byte epoch_s[NS], epoch_r[NR];
bit fenced_s[NS], fenced_r[NR]; /* has heard STALE-EPOCH: stopped */
#endif

/* ---- volatile ---- */
byte open;    /* the exchange's open transaction: 0 none, else 1 + message (+ 8: other octets) */
byte cur_s[2] = NOBODY, cur_r[2] = NOBODY; /* the instance whose connection lives */
byte job[NR]; /* a receiver's program counter in its work: 0 idle, else see receiver() */
#ifdef RECON
bit compared_s[2], compared_r[2]; /* books compared, in this connection */
#endif
#ifdef RESTORE_B
bit serves_s[2], serves_r[2]; /* durable: compared in this generation */
byte old_stage[NM];
bit old_queued[NM];
byte old_settled[NM];
bit restored_b, backed_b;
#endif
#ifdef RESTORE_R
byte old_in[NM], old_answer[NM];
bit restored_r, backed_r;
#endif
#ifdef BROKEN_TAKEN_EARLY
bit taking[NM];
#endif

/* ---- frames under way in the living connections: each may be lost, come twice, overtake ---- */
bit f_submit[NM], f_receipt[NM], f_refused[NM];
byte f_confirm[NM]; /* the stage that is told */
bit f_deliver[NM], f_taken[NM], f_told[NM];
byte f_settled[NM]; /* answer + 4 * instance */
#ifdef CONFLICTS
bit f_other[NM]; /* SUBMIT of other octets under the same id, signed by its sender */
bit others = CONFLICTS;
#endif

/* ---- how much may still go wrong ---- */
byte crashes = CRASHES, losses = LOSSES, dups = DUPS;
#ifdef EXPIRES
bit late[NM]; /* its time has passed */
#endif

/* ---- history, for the assertions only ---- */
bit accepted[NM];  /* the exchange has accepted it, in whichever generation */
bit acked[NM];	   /* a sender holds a receipt */
byte entries[NM];  /* by key */
#ifdef RESTORE_B
byte ended[NM];	   /* the end that its sender was told */
#endif
#if defined(BROKEN_RECEIPT_APART) || defined(BROKEN_WINDOW)
byte leaves[NM];   /* ACCEPTED statements of which a receipt was sent, in this generation */
#endif
#ifdef TWINS
bit over_s[NS], over_r[NR]; /* a newer instance has been welcomed */
#endif

/* What is asserted, by name: Spin prints the name of the one that fails. Always false. */
hidden byte nothing_acknowledged_is_lost, entered_at_most_once, nothing_is_invented,
	receipt_only_after_commit, repeat_has_same_receipt, other_octets_are_a_conflict,
	an_end_does_not_change, order_in_a_conversation, every_message_ends_and_is_told,
	taken_is_on_disk, answer_says_what_the_register_says, a_fenced_twin_is_not_heard,
	one_answer_a_message;
#define MUST(name, condition) \
	if \
	:: condition \
	:: else -> assert(name) \
	fi

#define O(i, m) out[(i) * NM + (m)]
#define I(i, m) in[(i) * NM + (m)]
#define A(i, m) answer[(i) * NM + (m)]

/* A peer that may have lost what it took gives no credit before its books are compared. */
#if (defined(TWINS) || defined(RESTORE_R)) && !defined(BROKEN_CREDIT_EARLY)
#define CREDIT(p) compared_r[p]
#else
#define CREDIT(p) true
#endif
#if defined(RESTORE_B) && !defined(BROKEN_SPEAKS_EARLY)
#define SERVES_S(p) serves_s[p]
#define SERVES_R(p) serves_r[p]
#else
#define SERVES_S(p) true
#define SERVES_R(p) true
#endif
#if defined(TWIN_R)
#define ALONE false
#elif defined(RESTORE_R)
#define ALONE (!restored_r)
#else
#define ALONE true
#endif

#ifdef TWINS
#define LIVES_S(i) !fenced_s[i]
#define LIVES_R(i) !fenced_r[i]
#else
#define LIVES_S(i) true
#define LIVES_R(i) true
#endif
#ifdef BROKEN_NO_ORDER
#define IN_ORDER(m) true
#else
#define IN_ORDER(m) (!BEFORE(m) || !queued[m - BEFORE(m)])
#endif
#ifdef EXPIRES
#define IN_TIME(m) (stage[m] == DELIVERED || !late[m])
#else
#define IN_TIME(m) true
#endif
#ifdef BROKEN_EXPIRES_EARLY
#define MAY_EXPIRE(m) true
#else
#define MAY_EXPIRE(m) SERVES_R(RCV(m))
#endif
#ifdef BROKEN_TOLD_ONCE
#define TOLD_ONCE(m) (settled[m] & 16)
#else
#define TOLD_ONCE(m) false
#endif
/* Another message of the same act is being entered. */
#if TOPOLOGY == 2
#define CONTENDED(m) (I(i, (1 - m)) == IN_CLAIMED || I(i, (1 - m)) == IN_ENTERING)
#elif TOPOLOGY == 4
#define CONTENDED(m) (m != 1 && (I(i, (2 - m)) == IN_CLAIMED || I(i, (2 - m)) == IN_ENTERING))
#else
#define CONTENDED(m) false
#endif

/* A frame is heard: it is gone, or it comes once more. */
#define HEARD(frame) \
	if \
	:: frame = 0 \
	:: dups > 0 -> dups-- \
	fi

/* ---- connections ---- */

inline lose_s(p)
{
	cur_s[p] = NOBODY;
	k = 0;
	do
	:: k < NM && SND(k) == p -> f_submit[k] = 0; f_receipt[k] = 0; f_refused[k] = 0; f_confirm[k] = 0; k++
	:: k < NM && SND(k) != p -> k++
	:: k >= NM -> break
	od;
	k = 0
#ifdef RECON
	; compared_s[p] = 0
#endif
}

inline lose_r(p)
{
	cur_r[p] = NOBODY;
	k = 0;
	do
	:: k < NM && RCV(k) == p -> f_deliver[k] = 0; f_taken[k] = 0; f_settled[k] = 0; f_told[k] = 0; k++
	:: k < NM && RCV(k) != p -> k++
	:: k >= NM -> break
	od;
	k = 0
#ifdef RECON
	; compared_r[p] = 0
#endif
}

/* HELLO, decided by exchange.c: take_epoch. Twins of one party: instances 0 and 2. */
#if defined(BROKEN_NO_FENCE)
#define FRESH(epoch, i, known, who) true
#elif defined(BROKEN_NO_INCARNATION)
#define FRESH(epoch, i, known, who) (epoch >= known)
#else
#define FRESH(epoch, i, known, who) (epoch > known || (epoch == known && who == i))
#endif

#ifdef TWIN_S
#define SUPERSEDE_S(i) if :: (i) != 1 -> over_s[2 - (i)] = (epoch_s[2 - (i)] <= epoch_s[i]) :: else fi
#else
#define SUPERSEDE_S(i) skip
#endif
#ifdef TWIN_R
#define SUPERSEDE_R(i) if :: (i) != 1 -> over_r[2 - (i)] = (epoch_r[2 - (i)] <= epoch_r[i]) :: else fi
#else
#define SUPERSEDE_R(i) skip
#endif

/* What comparing the books mends on the sender's side: lib/difference.def, SEND with BROKER. */
inline compare_s(i)
{
	k = 0;
	do
	:: k < NM && SND(k) == PARTY(i) ->
		if
		:: stage[k] == NONE && O(i, k) >= SENT && O(i, k) < EXPIRED -> O(i, k) = FILED /* REFILE */
		:: else
		fi;
#if defined(RESTORE_B) && !defined(BROKEN_SUBMIT_OVERTAKEN)
		f_submit[k] = 0; /* said before this: refused as RECONCILING, to be said again */
#endif
		k++
	:: k < NM && SND(k) != PARTY(i) -> k++
	:: k >= NM -> break
	od;
	k = 0
}

/* On the receiver's: RECEIVE with BROKER. */
inline compare_r(i)
{
	k = 0;
	do
	:: k < NM && RCV(k) == PARTY(i) ->
		if
		:: I(i, k) == IN_NONE && stage[k] == DELIVERED -> queued[k] = 1 /* ASK */
		:: I(i, k) < IN_DONE && FINAL(stage[k]) -> I(i, k) = IN_TOLD; A(i, k) = A_ADOPTED
		:: I(i, k) == IN_TOLD && A(i, k) != A_ADOPTED && (stage[k] == ACCEPTED || stage[k] == DELIVERED) ->
			I(i, k) = IN_DONE /* RETELL */
		:: else
		fi;
		k++
	:: k < NM && RCV(k) != PARTY(i) -> k++
	:: k >= NM -> break
	od;
	k = 0
}

/* ---- a sender's program ---- */

proctype peer_s(byte i)
{
	byte k;

end:	do
	/* HELLO, WELCOME */
	:: d_step {
#ifdef TWINS
		cur_s[PARTY(i)] != i && !fenced_s[i] ->
		if
		:: FRESH(epoch_s[i], i, known_s[PARTY(i)], who_s[PARTY(i)]) ->
			MUST(a_fenced_twin_is_not_heard, !over_s[i]);
			known_s[PARTY(i)] = epoch_s[i];
			who_s[PARTY(i)] = i;
			SUPERSEDE_S(i);
			lose_s(PARTY(i));
			cur_s[PARTY(i)] = i
		:: else -> fenced_s[i] = 1
		fi
#else
		cur_s[PARTY(i)] != i -> cur_s[PARTY(i)] = i
#endif
	   }
#ifdef RECON
	:: d_step {
		cur_s[PARTY(i)] == i && !compared_s[PARTY(i)] ->
#ifndef BROKEN_NO_COMPARE
		compare_s(i);
#endif
#ifdef RESTORE_B
		serves_s[PARTY(i)] = 1;
#endif
		compared_s[PARTY(i)] = 1
	   }
#endif
	/* Stops anywhere, and starts again: what is in the spool stays. */
	:: d_step {
		crashes > 0 && LIVES_S(i) -> crashes--;
		if
		:: cur_s[PARTY(i)] == i -> lose_s(PARTY(i))
		:: else
		fi
#ifdef TWINS
		; epoch_s[i]++
#ifdef TWIN_S
		; over_s[i] = 0
#endif
#endif
	   }
	od
}

proctype sender(byte i, m)
{
end:	do
	/* The oldest of a conversation that has no receipt, and none beside it. */
	:: d_step {
		cur_s[PARTY(i)] == i && O(i, m) == FILED && !f_submit[m] && !f_receipt[m] &&
			!f_refused[m] && open != m + 1 &&
			(!BEFORE(m) || O(i, (m - BEFORE(m))) != FILED) ->
		f_submit[m] = 1
	   }
	:: atomic {
		cur_s[PARTY(i)] == i && f_receipt[m] ->
		HEARD(f_receipt[m]);
		d_step {
			MUST(receipt_only_after_commit, stage[m] != NONE);
			acked[m] = 1;
			if
			:: O(i, m) == FILED || O(i, m) == REFUSED -> O(i, m) = SENT
			:: else
			fi
		}
	   }
	:: atomic {
		cur_s[PARTY(i)] == i && f_refused[m] ->
		HEARD(f_refused[m]);
		if
		:: O(i, m) == FILED -> O(i, m) = REFUSED
		:: else
		fi
	   }
	:: atomic {
		cur_s[PARTY(i)] == i && f_confirm[m] ->
		d_step {
			MUST(nothing_is_invented, stage[m] >= f_confirm[m]);
			acked[m] = 1;
#ifdef RESTORE_B
			if
			:: FINAL(f_confirm[m]) ->
				MUST(an_end_does_not_change, ended[m] == 0 || ended[m] == f_confirm[m]);
				ended[m] = f_confirm[m]
			:: else
			fi;
#endif
			if
			:: O(i, m) == REFUSED || (!FINAL(O(i, m)) && O(i, m) < f_confirm[m]) -> O(i, m) = f_confirm[m]
			:: else -> MUST(an_end_does_not_change, !FINAL(f_confirm[m]) || O(i, m) == f_confirm[m])
			fi
		};
		HEARD(f_confirm[m])
	   }
	od
}

/* ---- the exchange ---- */

inline send_receipt(m)
{
#if defined(BROKEN_RECEIPT_APART) || defined(BROKEN_WINDOW)
	MUST(repeat_has_same_receipt, leaves[m] == 1);
#endif
	f_receipt[m] = 1
}

proctype exchange(byte m)
{
	byte by;

end:	do
	/* SUBMIT: decided inside the open transaction, promised, not yet true */
	:: atomic {
		f_submit[m] && open == 0 && cur_s[SND(m)] != NOBODY && SERVES_S(SND(m)) ->
		HEARD(f_submit[m]);
		open = m + 1;
#ifdef BROKEN_ACK_EARLY
		f_receipt[m] = 1
#endif
	   }
#ifdef CONFLICTS
	:: atomic {
		f_other[m] && open == 0 && cur_s[SND(m)] != NOBODY && SERVES_S(SND(m)) ->
		HEARD(f_other[m]);
		open = m + 9
	   }
#endif
	/* Commit: message, queue, leaf and receipt at once; only then the answer. */
	:: d_step {
		open == m + 1 || open == m + 9 ->
		by = (open == m + 9);
		open = 0;
		if
		:: stage[m] == NONE ->
			stage[m] = ACCEPTED;
			accepted[m] = 1;
			queued[m] = 1;
			octets[m] = by;
#ifdef BROKEN_RECEIPT_APART
			receipted[m] = 0
#else
#ifdef BROKEN_WINDOW
			leaves[m]++;
#endif
			if
			:: !by -> send_receipt(m)
			:: else
			fi
#endif
		:: stage[m] != NONE && octets[m] == by ->
#ifndef BROKEN_RECEIPT_APART
			if
			:: !by -> send_receipt(m)
			:: else
			fi
#else
			skip
#endif
		:: else ->
#ifdef BROKEN_CONFLICT_TAKES
			octets[m] = by;
#endif
			MUST(other_octets_are_a_conflict, octets[m] != by);
			if
			:: !by -> f_refused[m] = 1
			:: else
			fi
		fi;
		by = 0
	   }
#ifdef BROKEN_RECEIPT_APART
	/* The receipt is made and sent, and written down with the next commit. */
	:: d_step {
		stage[m] != NONE && !receipted[m] && !f_receipt[m] && leaves[m] < 3 &&
			cur_s[SND(m)] != NOBODY && out[m] == FILED ->
		leaves[m]++;
		send_receipt(m)
	   }
	:: d_step { f_receipt[m] && !receipted[m] -> receipted[m] = 1 }
#endif
#ifdef BROKEN_WINDOW
	/* What ended long ago is forgotten. */
	:: d_step { FINAL(stage[m]) && O(0, m) == stage[m] -> stage[m] = NONE; settled[m] = 0 }
#endif
	/* DELIVER: what is in the queue, nothing before it in its conversation */
	:: d_step {
		queued[m] && cur_r[RCV(m)] != NOBODY && SERVES_R(RCV(m)) && CREDIT(RCV(m)) &&
			!f_deliver[m] && !f_taken[m] && !f_settled[m] && IN_ORDER(m) && IN_TIME(m) ->
		f_deliver[m] = 1
	   }
	/* TAKEN */
	:: atomic {
		f_taken[m] && cur_r[RCV(m)] != NOBODY && SERVES_R(RCV(m)) ->
		HEARD(f_taken[m]);
		d_step {
			if
			:: stage[m] == ACCEPTED -> stage[m] = DELIVERED; queued[m] = 0
			:: stage[m] == DELIVERED -> queued[m] = 0
			:: else
			fi;
			MUST(taken_is_on_disk, I(cur_r[RCV(m)], m) != IN_NONE)
		}
	   }
	/* SETTLED */
	:: atomic {
		f_settled[m] && cur_r[RCV(m)] != NOBODY && SERVES_R(RCV(m)) && !f_told[m] ->
		d_step {
			if
			:: stage[m] == NONE /* NOT-FOUND: said again when there is something to settle */
			:: stage[m] != NONE && !FINAL(stage[m]) ->
				stage[m] = END_OF((f_settled[m] % 4));
				settled[m] = f_settled[m];
				queued[m] = 0;
				f_told[m] = 1
#ifdef BROKEN_OVERWRITES
			:: FINAL(stage[m]) && settled[m] != f_settled[m] ->
				MUST(an_end_does_not_change, stage[m] == END_OF((f_settled[m] % 4)));
				stage[m] = END_OF((f_settled[m] % 4));
				f_told[m] = 1
#endif
			:: else -> f_told[m] = 1 /* the same receipt again, or FINAL: no more to say */
			fi
		};
		HEARD(f_settled[m])
	   }
	/* CONFIRM: what the sender has not kept */
	:: d_step {
		cur_s[SND(m)] != NOBODY && SERVES_S(SND(m)) && stage[m] >= DELIVERED && !octets[m] &&
			!f_confirm[m] && !FINAL(O(cur_s[SND(m)], m)) && O(cur_s[SND(m)], m) < stage[m] &&
			!TOLD_ONCE(m) ->
#ifdef BROKEN_TOLD_ONCE
		settled[m] = settled[m] | (FINAL(stage[m]) -> 16 : 0);
#endif
		f_confirm[m] = stage[m]
	   }
#ifdef EXPIRES
	:: d_step {
		stage[m] == ACCEPTED && late[m] && MAY_EXPIRE(m) ->
		stage[m] = EXPIRED; queued[m] = 0
	   }
#endif
	od
}

/* ---- a receiver's program ---- */

/* job: 8 * message + step: 1 the register said no, 2 the mark is set, 4 + answer: to be filed. */
#define IDLE (job[i] == 0)

proctype peer_r(byte i)
{
	byte k;

end:	do
	:: d_step {
#ifdef TWINS
		IDLE && cur_r[PARTY(i)] != i && !fenced_r[i] ->
		if
		:: FRESH(epoch_r[i], i, known_r[PARTY(i)], who_r[PARTY(i)]) ->
			MUST(a_fenced_twin_is_not_heard, !over_r[i]);
			known_r[PARTY(i)] = epoch_r[i];
			who_r[PARTY(i)] = i;
			SUPERSEDE_R(i);
			lose_r(PARTY(i));
			cur_r[PARTY(i)] = i
		:: else -> fenced_r[i] = 1
		fi
#else
		IDLE && cur_r[PARTY(i)] != i -> cur_r[PARTY(i)] = i
#endif
	   }
#ifdef RECON
	:: d_step {
		IDLE && cur_r[PARTY(i)] == i && !compared_r[PARTY(i)] ->
#ifndef BROKEN_NO_COMPARE
		compare_r(i);
#endif
#ifdef RESTORE_B
		serves_r[PARTY(i)] = 1;
#endif
		compared_r[PARTY(i)] = 1
	   }
#endif
	:: d_step {
		crashes > 0 && LIVES_R(i) -> crashes--;
		job[i] = 0;
		if
		:: cur_r[PARTY(i)] == i -> lose_r(PARTY(i))
		:: else
		fi
#ifdef TWINS
		; epoch_r[i]++
#ifdef TWIN_R
		; over_r[i] = 0
#endif
#endif
#ifdef BROKEN_TAKEN_EARLY
		; k = 0;
		do
		:: k < NM -> taking[k] = 0; k++
		:: else -> break
		od;
		k = 0
#endif
	   }
	od
}

proctype receiver(byte i, m)
{
	byte k;

end:	do
	/* DELIVER: durable, then TAKEN; a repeat is answered again, with the answer if there is one */
	:: atomic {
		IDLE && cur_r[PARTY(i)] == i && f_deliver[m] ->
		HEARD(f_deliver[m]);
		d_step {
			f_taken[m] = 1;
#ifdef BROKEN_TAKEN_EARLY
			taking[m] = (I(i, m) == IN_NONE);
#else
			if
			:: I(i, m) == IN_NONE -> I(i, m) = IN_TAKEN
			:: I(i, m) >= IN_DONE && A(i, m) != A_ADOPTED && !f_told[m] -> f_settled[m] = A(i, m) + 4 * i
			:: else
			fi
#endif
		}
	   }
#ifdef BROKEN_TAKEN_EARLY
	:: d_step { taking[m] -> taking[m] = 0; I(i, m) = IN_TAKEN }
#endif
#ifdef BROKEN_IDS_TIME_OUT
	:: d_step { I(i, m) == IN_TOLD && IDLE -> I(i, m) = IN_NONE }
#endif
	/* Claimed: the oldest first, never two of one act. */
	:: d_step {
		IDLE && I(i, m) == IN_TAKEN &&
			(!BEFORE(m) || I(i, (m - BEFORE(m))) >= IN_DONE || I(i, (m - BEFORE(m))) == IN_NONE) && !CONTENDED(m) ->
		I(i, m) = IN_CLAIMED
	   }
#ifdef REJECTS
	:: d_step { IDLE && I(i, m) == IN_TAKEN -> I(i, m) = IN_DONE; A(i, m) = A_REJECTED }
#endif
	/* The register is asked, however we came here. */
	:: d_step {
		IDLE && (I(i, m) == IN_CLAIMED || I(i, m) == IN_ENTERING) ->
#ifdef BROKEN_REDO
		job[i] = 8 * m + 2;
		I(i, m) = IN_ENTERING
#else
		if
		:: entry[KEY(m)] == 0 -> job[i] = 8 * m + 1
		:: entry[KEY(m)] != 0 && I(i, m) == IN_ENTERING -> job[i] = 8 * m + 4 + A_ENTERED
		:: else -> job[i] = 8 * m + 4 + A_ALREADY
		fi
#endif
	   }
	:: d_step {
		job[i] == 8 * m + 1 ->
#ifndef BROKEN_MARK_LATE
		I(i, m) = IN_ENTERING;
#endif
		job[i] = 8 * m + 2
	   }
	/* The driver: entry and mark of the key are one step of the register. */
	:: d_step {
		job[i] == 8 * m + 2 ->
		if
#ifdef BROKEN_REDO
		:: true ->
#else
		:: entry[KEY(m)] == 0 ->
#endif
			MUST(nothing_is_invented, accepted[m]);
			MUST(order_in_a_conversation, !BEFORE(m) || entry[KEY(m - BEFORE(m))] != 0 ||
				A(i, (m - BEFORE(m))) == A_REJECTED || FINAL(stage[m - BEFORE(m)]));
			entries[KEY(m)]++;
			MUST(entered_at_most_once, entries[KEY(m)] == 1);
#ifndef BROKEN_MARK_APART
			entry[KEY(m)] = m + 1;
			job[i] = 8 * m + 4 + A_ENTERED
#else
			job[i] = 8 * m + 3
#endif
#ifndef BROKEN_REDO
		:: else -> job[i] = 8 * m + 4 + A_ALREADY
#endif
		fi
	   }
#ifdef BROKEN_MARK_APART
	:: d_step { job[i] == 8 * m + 3 -> entry[KEY(m)] = m + 1; job[i] = 8 * m + 4 + A_ENTERED }
#endif
	/* Our signed answer and the end of the work are one transaction of the spool. */
	:: d_step {
		job[i] >= 8 * m + 4 && job[i] < 8 * m + 8 ->
		if
		:: job[i] == 8 * m + 4 + A_ENTERED ->
			MUST(answer_says_what_the_register_says, entry[KEY(m)] == m + 1)
		:: else ->
			MUST(answer_says_what_the_register_says,
				entry[KEY(m)] != 0 && (entry[KEY(m)] != m + 1 || !ALONE))
		fi;
		MUST(one_answer_a_message, A(i, m) == 0);
		A(i, m) = job[i] - 8 * m - 4;
		I(i, m) = IN_DONE;
		job[i] = 0
	   }
	/* SETTLED, until its receipt (or FINAL) has come */
	:: d_step {
		IDLE && cur_r[PARTY(i)] == i && I(i, m) == IN_DONE && !f_settled[m] &&
			!f_told[m] && stage[m] != NONE ->
		f_settled[m] = A(i, m) + 4 * i
	   }
	:: atomic {
		IDLE && cur_r[PARTY(i)] == i && f_told[m] ->
		HEARD(f_told[m]);
		if
		:: I(i, m) == IN_DONE -> I(i, m) = IN_TOLD
		:: else
		fi
	   }
	od
}

/* ---- what goes wrong ---- */

inline all_lost()
{
	open = 0;
	lose_s(0);
	lose_s(1);
	lose_r(0);
	lose_r(1)
}

/* Where books are compared a frame is lost with its connection, as it is with TCP: what is lost
 * then is found by the comparison after the next WELCOME. Elsewhere frames are lost one by one. */
#ifdef RECON
#define LOSE_S(frame) d_step { losses > 0 && frame -> losses--; lose_s(SND(m)) }
#define LOSE_R(frame) d_step { losses > 0 && frame -> losses--; lose_r(RCV(m)) }
#else
#define LOSE_S(frame) d_step { losses > 0 && frame -> losses--; frame = 0 }
#define LOSE_R(frame) LOSE_S(frame)
#endif

proctype weather(byte m)
{
	byte k;

end:	do
	:: LOSE_S(f_submit[m])
	:: LOSE_S(f_receipt[m])
	:: LOSE_S(f_refused[m])
	:: LOSE_S(f_confirm[m])
	:: LOSE_R(f_deliver[m])
	:: LOSE_R(f_taken[m])
	:: LOSE_R(f_settled[m])
	:: LOSE_R(f_told[m])
#ifdef CONFLICTS
	:: d_step { others > 0 && cur_s[SND(m)] != NOBODY -> others--; f_other[m] = 1 }
#endif
#ifdef EXPIRES
	:: d_step { !late[m] -> late[m] = 1 }
#endif
	od
}

proctype nature()
{
	byte k, m;

end:	do
	/* The exchange stops anywhere, and starts again. */
	:: d_step {
		crashes > 0 -> crashes--;
		all_lost();
		m = 0;
		do
		:: m < NM ->
#ifndef RESTORE_B
			MUST(nothing_acknowledged_is_lost, !acked[m] || stage[m] != NONE);
#endif
			m++
		:: else -> break
		od;
		m = 0
	   }
#ifdef RESTORE_B
	:: d_step {
		!backed_b -> backed_b = 1;
		m = 0;
		do
		:: m < NM -> old_stage[m] = stage[m]; old_queued[m] = queued[m]; old_settled[m] = settled[m]; m++
		:: else -> break
		od;
		m = 0
	   }
	:: d_step {
		backed_b && !restored_b -> restored_b = 1;
		all_lost();
		m = 0;
		do
		:: m < NM ->
			stage[m] = old_stage[m]; queued[m] = old_queued[m]; settled[m] = old_settled[m];
			old_stage[m] = 0; old_queued[m] = 0; old_settled[m] = 0;
			m++
		:: else -> break
		od;
		m = 0;
		serves_s[0] = 0; serves_s[1] = 0; serves_r[0] = 0; serves_r[1] = 0
	   }
#endif
#ifdef RESTORE_R
	/* Receiver 0 only. A restored spool starts with an epoch above all before it. */
	:: d_step {
		!backed_r && job[0] == 0 -> backed_r = 1;
		m = 0;
		do
		:: m < NM -> old_in[m] = I(0, m); old_answer[m] = A(0, m); m++
		:: else -> break
		od;
		m = 0
	   }
	:: d_step {
		backed_r && !restored_r -> restored_r = 1;
		job[0] = 0;
		lose_r(0);
		m = 0;
		do
		:: m < NM -> I(0, m) = old_in[m]; A(0, m) = old_answer[m]; old_in[m] = 0; old_answer[m] = 0; m++
		:: else -> break
		od;
		m = 0
	   }
#endif
	od
}

/* Expired and told so, and then forgotten by a restored exchange: nobody waits for it. */
#define LOST_CLOSED(m) (O(cur_s[SND(m)], m) == EXPIRED && stage[m] == NONE)

/* Nothing can happen any more. */
active proctype judge()
{
	byte m;

	timeout ->
	do
	:: m < NM ->
		MUST(every_message_ends_and_is_told, cur_s[SND(m)] != NOBODY && cur_r[RCV(m)] != NOBODY &&
			(O(cur_s[SND(m)], m) == REFUSED || LOST_CLOSED(m) ||
				(FINAL(stage[m]) && O(cur_s[SND(m)], m) == stage[m])));
		m++
	:: else -> break
	od
}

init {
	byte i, m;

	d_step {
		i = 0;
		do
		:: i < 2 ->
#ifdef RESTORE_B
			serves_s[i] = 1; serves_r[i] = 1;
#endif
#ifdef TWINS
			epoch_s[i] = 1; epoch_r[i] = 1;
#endif
			i++
		:: else -> break
		od
#ifdef TWIN_S
		; epoch_s[2] = TWIN_EPOCH
#endif
#ifdef TWIN_R
		; epoch_r[2] = TWIN_EPOCH
#endif
		; i = 0
	};
	atomic {
		run nature();
		do
		:: i < NS ->
			if
			:: USED_S(i) -> run peer_s(i)
			:: else
			fi;
			i++
		:: else -> break
		od;
		i = 0;
		do
		:: i < NR ->
			if
			:: USED_R(i) -> run peer_r(i)
			:: else
			fi;
			i++
		:: else -> break
		od;
		do
		:: m < NM ->
			run weather(m);
			run exchange(m);
			run sender(SND(m), m);
			run receiver(RCV(m), m);
#ifdef TWIN_S
			if
			:: SND(m) == 0 -> run sender(2, m)
			:: else
			fi;
#endif
#ifdef TWIN_R
			if
			:: RCV(m) == 0 -> run receiver(2, m)
			:: else
			fi;
#endif
			m++
		:: else -> break
		od;
		i = 0;
		m = 0
	}
}
