/* SPDX-License-Identifier: GPL-2.0 */
/* What is not as a scenario expects it, and how much that weighs. Plain data, as in expect.h. */
#ifndef COMPLAINT_H
#define COMPLAINT_H

#include <stdbool.h>
#include <stddef.h>

enum complaint_kind {
	OF_ACTORS,	/* what the actors or the machinery met; .got says it */
	OF_SCENE,	/* a wait in vain: the scene never came about; .got says for what */
	OF_CHECKPOINT,	/* the complaints that follow were true before the scenario's end */
	OF_VALUE,	/* .key has another value than expected; absent: it has none */
	OF_INCIDENTS,	/* fewer incidents than expected */
	OF_CALLS,	/* fewer failing calls than expected */
	OF_MORE_INCIDENTS,	/* one that nobody expected; .got says which */
	OF_MORE_CALLS,
	N_COMPLAINT_KINDS
};

struct complaint {
	enum complaint_kind kind;
	bool absent;		/* no value was told; .got says so in words */
	char key[40];
	char expected[80];	/* values are JSON, alternatives within the quotes */
	char got[320];
};

/*
 * What follows from it, the gravest last. What fails is played once more, alone, and has failed
 * if it fails again; but what is WRONG has failed at once, what is MISSING also if the run that
 * it is of says that it missed and lost nothing.
 */
enum grade {
	NOTHING_WRONG,
	UNPLAYED,	/* the scene never came about: nothing was said of the tracer */
	LESS,		/* evidence is not told: OTHERWISE, unless the run missed something */
	OTHERWISE,	/* evidence, or what the actors met, is not as expected */
	MISSING,	/* an incident, one of its ends, or a failing call was not told */
	WRONG,		/* another cause, owner or process was told; or what never happened */
	N_GRADES
};
extern const char *const grade_names[N_GRADES];
extern const char *const complaint_names[N_COMPLAINT_KINDS];

/* Of one complaint, and of all that a play has. */
enum grade complaint_grade(const struct complaint *c);
enum grade complaints_grade(const struct complaint *c, int n);

/* Takes one complaint. */
typedef void (*complain_fn)(void *ctx, const struct complaint *c);

/* One line of English. */
void complaint_print(const struct complaint *c, char *buf, size_t len);

#endif
