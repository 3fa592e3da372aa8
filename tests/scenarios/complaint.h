/* SPDX-License-Identifier: GPL-2.0 */
/* What differs from a scenario's expectations, and how grave that is. Plain data, as in expect.h. */
#ifndef COMPLAINT_H
#define COMPLAINT_H

#include <stdbool.h>
#include <stddef.h>

enum complaint_kind {
	OF_ACTORS,	/* what went wrong with the actors or the machinery; .got says what */
	OF_SCENE,	/* a wait in vain, so the scene never came about; .got says for what */
	OF_CHECKPOINT,	/* the complaints that follow come from before the scenario's end */
	OF_VALUE,	/* .key has not the expected value; absent: it has none */
	OF_INCIDENTS,	/* fewer incidents than expected */
	OF_CALLS,	/* fewer failing calls than expected */
	OF_MORE_INCIDENTS,	/* an incident that was not expected; .got says which */
	OF_MORE_CALLS,
	N_COMPLAINT_KINDS
};

struct complaint {
	enum complaint_kind kind;
	bool absent;		/* there was no value; .got says so in words */
	char key[40];
	char expected[80];	/* values are JSON; alternatives stand within the quotes */
	char got[320];
};

/*
 * What follows from a complaint, the gravest last. A scenario with any grade but NOTHING_WRONG or
 * LESS is played again, alone, and has failed if it fails again. WRONG has failed at once; MISSING
 * has failed at once too, if its run says that it missed and lost nothing.
 */
enum grade {
	NOTHING_WRONG,
	UNPLAYED,	/* the scene never came about, so the tracer was not tested */
	LESS,		/* evidence is lacking; counts as OTHERWISE if the run missed nothing */
	OTHERWISE,	/* evidence, or what the actors met, is not as expected */
	MISSING,	/* an incident, one of its ends or a failing call is lacking */
	WRONG,		/* another cause, owner or process was reported, or what never happened */
	N_GRADES
};
extern const char *const grade_names[N_GRADES];
extern const char *const complaint_names[N_COMPLAINT_KINDS];

/* The grade of one complaint, and of all complaints about a play. */
enum grade complaint_grade(const struct complaint *c);
enum grade complaints_grade(const struct complaint *c, int n);

/* Takes one complaint. */
typedef void (*complain_fn)(void *ctx, const struct complaint *c);

/* Writes the complaint as one line of English. */
void complaint_print(const struct complaint *c, char *buf, size_t len);

#endif
