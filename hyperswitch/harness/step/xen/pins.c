/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Granted pages are had alike by pin.c, which has a short way for most, and by
 * acquire_grant_for_copy() alone: the same answer, and the same on record in
 * the entry, in what Xen has of it, and in the pages, until it is let go of and
 * after. Then the pages are what they were, and nothing is locked. See Makefile
 * for what is in here, besides, of grant_table.c.
 */
#include <xen/types.h>
#include <asm/guest_atomics.h>

/* The guest writes to its entry just before Xen does. */
static void meddle(void);
#undef guest_cmpxchg
#define guest_cmpxchg(d, ptr, o, n) (meddle(), cmpxchg(ptr, o, n))

#include "../common/grant_table.c"

#include "bed.h"

#define PIN_MOST        (GNTPIN_hstr_inc * GNTPIN_cntr_mask)

enum table { V1, V2, V1_TRANSLATED, TABLES };
enum frame { MINE, UNTYPED, A_TABLE, THEIRS, FREE, BEYOND, FRAMES };
/* What the guest does at one of Xen's writes to its entry. */
enum meddling { NOTHING, HARMLESS, TAKES_BACK, OTHER_PAGE, MEDDLINGS };

/* In either of a table's pages, and beyond the one of version 2. */
static const grant_ref_t refs[] = { 20, 300, 600 };
static const domid_t domids[] = { 0, 2 };

static const uint16_t flags[] = {
    GTF_invalid, GTF_permit_access, GTF_accept_transfer, GTF_transitive,
    GTF_permit_access | GTF_readonly,
    GTF_permit_access | GTF_reading,
    GTF_permit_access | GTF_reading | GTF_writing,
    GTF_permit_access | GTF_sub_page,
    GTF_permit_access | GTF_PWT,
};
/* By whom the entry is pinned already. */
static const struct {
    uint32_t pin;
    domid_t domid;
} before[] = {
    { 0, 0 }, { 0, 2 }, { GNTPIN_hstr_inc, 0 }, { GNTPIN_hstw_inc, 0 },
    { GNTPIN_hstr_inc, 2 }, { GNTPIN_devr_inc, 0 }, { PIN_MOST, 0 },
};

struct one {
    enum table table;
    enum frame frame;
    enum meddling meddling;
    unsigned int meddles_at;    /* which write */
    grant_ref_t ref;
    bool readonly;
    domid_t domid;              /* to whom it is granted */
    domid_t ldom;               /* and who asks */
    uint16_t flags;
    unsigned int before;
};

/* What is on record. */
struct record {
    uint64_t entry[2];
    grant_status_t status;
    uint32_t pin;
    domid_t domid;
    unsigned int start, length;
    bool is_sub_page;
    grant_ref_t trans_gref;
    struct domain *trans_domain;
    mfn_t mfn;
    unsigned long count_info[BEYOND], type_info[BEYOND];
};

struct outcome {
    int rc;
    struct gnttab_hs_buf buf;
    struct record before, had, let_go;
};

typedef int get_page_fn(struct domain *rd, grant_ref_t ref, domid_t ldom,
                        bool readonly, struct gnttab_hs_buf *buf);

static struct domain *guest;
static struct page_info *page[FRAMES];
static struct one now;
static unsigned int writes;

static void meddle(void)
{
    grant_entry_v1_t *entry = &shared_entry_v1(guest->grant_table, now.ref);

    if ( now.table == V2 || ++writes != now.meddles_at )
        return;
    if ( now.meddling == HARMLESS )
        entry->flags ^= GTF_PWT;
    else if ( now.meddling == TAKES_BACK )
        entry->flags = GTF_invalid;
    else if ( now.meddling == OTHER_PAGE )
        entry->frame ^= mfn_x(page_to_mfn(page[MINE])) ^
                        mfn_x(page_to_mfn(page[UNTYPED]));
}

/* A gfn is the one before the page's. */
static mfn_t translate(struct p2m_domain *p2m, gfn_t gfn, p2m_type_t *type,
                       p2m_access_t *access, p2m_query_t query,
                       unsigned int *order, bool *pod)
{
    *type = p2m_ram_rw;
    *access = p2m_access_rwx;

    return mfn_add(_mfn(gfn_x(gfn)), 1);
}

static void make_table(void)
{
    struct grant_table *gt = guest->grant_table;
    struct p2m_domain *p2m = step_alloc(sizeof(*p2m), PAGE_SIZE);

    gt->status = step_alloc(sizeof(*gt->status), sizeof(*gt->status));
    gt->status[0] = step_alloc(PAGE_SIZE, PAGE_SIZE);
    gt->nr_status_frames = 1;
    p2m->domain = guest;
    p2m->get_entry = translate;
    rwlock_init(&p2m->lock.lock.rwlock);
    p2m->lock.locker = -1;
    guest->arch.p2m = p2m;
}

static void make_pages(void)
{
    enum frame i;

    for ( i = 0; i < BEYOND; i++ )
        page[i] = virt_to_page(step_page(i == THEIRS ? step_domain(2) : guest));
    page[BEYOND] = mfn_to_page(_mfn(max_page));
}

static void set_pages(void)
{
    enum frame i;

    for ( i = 0; i < BEYOND; i++ )
    {
        page[i]->count_info = i == FREE ? 0 : PGC_allocated | 1;
        page[i]->u.inuse.type_info = PGT_validated |
            (i == A_TABLE ? PGT_l1_page_table : PGT_writable_page) |
            (i != UNTYPED);
    }
}

/* What version 1 would find where the entry of version 2 is not is tempting. */
static void set_entry(void)
{
    struct grant_table *gt = guest->grant_table;
    grant_entry_v1_t *entry = &shared_entry_v1(gt, now.ref);
    unsigned long frame = mfn_x(page_to_mfn(page[now.frame]));
    unsigned int i;

    for ( i = 0; i < gt->nr_grant_frames; i++ )
        memset(gt->shared_raw[i], 0, PAGE_SIZE);
    memset(gt->status[0], 0, PAGE_SIZE);
    entry->flags = now.flags;
    entry->domid = now.domid;
    entry->frame = frame - (now.table == V1_TRANSLATED);
    if ( now.table == V2 && now.ref < nr_grant_entries(gt) )
    {
        grant_entry_v2_t *entry2 = &shared_entry_v2(gt, now.ref);

        entry2->hdr.flags = now.flags;
        entry2->hdr.domid = now.domid;
        entry2->full_page.frame = frame;
        entry2->sub_page.page_off = 16;
        entry2->sub_page.length = 80;
    }
}

/*
 * Of one that is pinned the page is the guest's own, whatever it says now; of
 * another nothing on record says anything.
 */
static void set_act(void)
{
    struct active_grant_entry *act = &_active_entry(guest->grant_table,
                                                    now.ref);
    uint32_t pin = before[now.before].pin;

    act->pin = pin;
    act->domid = pin ? before[now.before].domid : 5;
    act->start = pin ? 0 : 3;
    act->length = pin ? PAGE_SIZE : 7;
    act->is_sub_page = !pin;
    act->trans_gref = pin ? now.ref : 1;
    act->trans_domain = pin ? guest : step_domain(2);
    act->mfn = page_to_mfn(page[pin ? MINE : THEIRS]);
}

/* Whoever it is whose vCPU runs, it is not about him. */
static void set_up(void)
{
    guest->grant_table->gt_version = now.table == V2 ? 2 : 1;
    guest->arch.paging.mode = now.table == V1_TRANSLATED ? PG_translate : 0;
    step_run(step_domain(2));
    writes = 0;
    set_pages();
    set_entry();
    set_act();
}

static void record_pages(struct record *record)
{
    enum frame i;

    for ( i = 0; i < BEYOND; i++ )
    {
        record->count_info[i] = page[i]->count_info;
        record->type_info[i] = page[i]->u.inuse.type_info;
    }
}

/* What is on record of an entry that is not pinned says nothing. */
static void record(struct record *record)
{
    struct grant_table *gt = guest->grant_table;
    const struct active_grant_entry *act = &_active_entry(gt, now.ref);

    memset(record, 0, sizeof(*record));
    if ( now.table != V2 )
        memcpy(record->entry, &shared_entry_v1(gt, now.ref),
               sizeof(grant_entry_v1_t));
    else if ( now.ref < nr_grant_entries(gt) )
        memcpy(record->entry, &shared_entry_v2(gt, now.ref),
               sizeof(grant_entry_v2_t));
    record->status = status_entry(gt, now.ref);
    record_pages(record);
    record->pin = act->pin;
    if ( !act->pin )
        return;
    record->domid = act->domid;
    record->start = act->start;
    record->length = act->length;
    record->is_sub_page = act->is_sub_page;
    record->trans_gref = act->trans_gref;
    record->trans_domain = act->trans_domain;
    record->mfn = act->mfn;
}

static int get_by_long_way(struct domain *rd, grant_ref_t ref, domid_t ldom,
                           bool readonly, struct gnttab_hs_buf *buf)
{
    mfn_t mfn;
    int rc = acquire_grant_for_copy(rd, ref, ldom, readonly, &mfn, &buf->page,
                                    &buf->offset, &buf->len, false);

    if ( rc == GNTST_okay && !readonly &&
         !get_page_type(buf->page, PGT_writable_page) )
    {
        release_grant_for_copy(rd, ref, readonly);
        put_page(buf->page);
        rc = GNTST_general_error;
    }
    buf->ref = ref;
    buf->readonly = readonly;

    return rc;
}

static bool is_locked(void)
{
    struct grant_table *gt = guest->grant_table;

    return this_cpu(grant_rwlock) || rw_is_locked(&gt->lock.rwlock) ||
           spin_is_locked(&_active_entry(gt, now.ref).lock);
}

/* Nobody is at the page for Xen if nobody has it pinned. */
static bool is_marked(const struct record *record)
{
    uint16_t flags = now.table == V2 ? record->status : record->entry[0];

    return !record->pin && !(now.flags & (GTF_reading | GTF_writing)) &&
           (flags & (GTF_reading | GTF_writing));
}

static void try(get_page_fn *get, struct outcome *is)
{
    memset(is, 0, sizeof(*is));
    set_up();
    record(&is->before);
    is->rc = get(guest, now.ref, now.ldom, now.readonly, &is->buf);
    MUST(!is_locked());
    if ( is->rc )
        memset(&is->buf, 0, sizeof(is->buf));
    record(&is->had);
    if ( !is->rc )
        gnttab_hs_put(guest, &is->buf);
    MUST(!is_locked());
    record(&is->let_go);
    MUST(!is_marked(&is->let_go));
    MUST(is->let_go.pin == is->before.pin);
    MUST(!memcmp(is->let_go.count_info, is->before.count_info,
                 sizeof(is->before.count_info)));
    MUST(!memcmp(is->let_go.type_info, is->before.type_info,
                 sizeof(is->before.type_info)));
}

/* A second write of the short way's is the other's first. */
static void compare(void)
{
    struct outcome is, was;

    try(gnttab_hs_get, &is);
    if ( now.meddling != NOTHING && now.meddles_at > 1 )
        return;
    try(get_by_long_way, &was);
    MUST(is.rc == was.rc);
    MUST(!memcmp(&is.buf, &was.buf, sizeof(is.buf)));
    MUST(!memcmp(&is.had, &was.had, sizeof(is.had)));
    MUST(!memcmp(&is.let_go, &was.let_go, sizeof(is.let_go)));
}

static bool is_short(void)
{
    struct gnttab_hs_buf buf;

    set_up();

    return pin_shortly(guest, now.ref, now.ldom, now.readonly, &buf);
}

/* A number is one of the cases, which are as many as it returns. */
static unsigned int case_of(unsigned int nr)
{
    unsigned int cases = 1;

#define ONE_OF(number) ({                                              \
        unsigned int at = nr / cases % (number);                       \
        cases *= (number);                                             \
        at; })
    now.table = ONE_OF(TABLES);
    now.frame = ONE_OF(FRAMES);
    now.meddling = ONE_OF(MEDDLINGS);
    now.meddles_at = 1 + ONE_OF(2);
    now.ref = refs[ONE_OF(ARRAY_SIZE(refs))];
    now.readonly = ONE_OF(2);
    now.domid = domids[ONE_OF(ARRAY_SIZE(domids))];
    now.ldom = domids[ONE_OF(ARRAY_SIZE(domids))];
    now.before = ONE_OF(ARRAY_SIZE(before));
    now.flags = flags[ONE_OF(ARRAY_SIZE(flags))];
#undef ONE_OF

    return cases;
}

/* Beyond the table there is nothing by either. */
static void look_beyond(void)
{
    struct grant_table *gt = guest->grant_table;
    struct gnttab_hs_buf buf;

    gt->gt_version = 1;
    guest->arch.paging.mode = 0;
    MUST(gnttab_hs_get(guest, nr_grant_entries(gt), 0, true, &buf) ==
         GNTST_bad_gntref);
    MUST(gnttab_hs_get(guest, ~0U, 0, true, &buf) == GNTST_bad_gntref);
}

/* Returns how many cases there were. Some go by the short way, and some not. */
unsigned int step_pins(void)
{
    unsigned int nr, cases = 1, shortly[2] = {};

    guest = step_domain(3);
    make_table();
    make_pages();
    for ( nr = 0; nr < cases; nr++ )
    {
        cases = case_of(nr);
        compare();
        shortly[now.readonly] += is_short();
    }
    look_beyond();
    MUST(shortly[false] && shortly[true] &&
         shortly[false] + shortly[true] < cases / 2);

    return cases;
}
