/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hyperswitch: pages that a guest grants to the back end, pinned for a copy of
 * Xen's own as GNTTABOP_copy pins them. The end of grant_table.c, which
 * includes it, since what it takes is static there.
 *
 * Nearly all are a PV guest's own, granted whole by a table of version 1, and
 * not pinned. For these there is a short way, with the same locks, the same
 * checks and the same on record. Whatever it does not take, and be it for a
 * guest that writes to the entry meanwhile, acquire_grant_for_copy() looks at
 * afresh, and says what is wrong with it.
 *
 * Locking: the guest's grant table for reading, and the entry's lock, as there.
 */
#include <asm/p2m.h>

/* One of those: its page, with a reference, if it is granted to who asks. */
static mfn_t pin_entry(struct domain *rd, grant_entry_v1_t *entry,
                       domid_t ldom, bool readonly, struct page_info **page)
{
    const uint16_t may = GTF_type_mask | (readonly ? 0 : GTF_readonly);
    const uint16_t set = GTF_reading | (readonly ? 0 : GTF_writing);
    union grant_combo was = { .raw = ACCESS_ONCE(*(uint32_t *)entry) };
    union grant_combo now = was;
    mfn_t mfn;

    if ( (was.flags & may) != GTF_permit_access || was.domid != ldom )
        return INVALID_MFN;
    now.flags |= set;
    if ( guest_cmpxchg(rd, (uint32_t *)entry, was.raw, now.raw) != was.raw )
        return INVALID_MFN;
    mfn = _mfn(ACCESS_ONCE(entry->frame));
    if ( mfn_valid(mfn) )
    {
        *page = mfn_to_page(mfn);
        if ( get_page(*page, rd) )
            return mfn;
    }
    gnttab_clear_flags(rd, set, &entry->flags);

    return INVALID_MFN;
}

static bool pin_shortly(struct domain *rd, grant_ref_t ref, domid_t ldom,
                        bool readonly, struct gnttab_hs_buf *buf)
{
    struct grant_table *gt = rd->grant_table;
    struct active_grant_entry *act;
    bool done = false;
    mfn_t mfn;

    if ( evaluate_nospec(paging_mode_translate(rd)) )
        return false;
    grant_read_lock(gt);
    if ( gt->gt_version != 1 ||
         ref >= nr_grant_frames(gt) * SHGNT_PER_PAGE_V1 )
        goto unlock_table;
    block_speculation();
    act = active_entry_acquire(gt, ref);
    if ( act->pin )
        goto unlock_entry;
    mfn = pin_entry(rd, &shared_entry_v1(gt, ref), ldom, readonly,
                    &buf->page);
    if ( mfn_eq(mfn, INVALID_MFN) )
        goto unlock_entry;
    act->pin = readonly ? GNTPIN_hstr_inc : GNTPIN_hstw_inc;
    act->domid = ldom;
    act->start = 0;
    act->is_sub_page = false;
    act->length = PAGE_SIZE;
    act->trans_gref = ref;
    act->trans_domain = rd;
    act->mfn = mfn;
    act_set_gfn(act, _gfn(mfn_x(mfn)));
    buf->offset = 0;
    buf->len = PAGE_SIZE;
    done = true;

 unlock_entry:
    active_entry_release(act);
 unlock_table:
    grant_read_unlock(gt);

    return done;
}

/*
 * Have a page that a domain grants to another until gnttab_hs_put(). Who asks
 * has seen to it that rd is there, and may be copied from or to by ldom.
 */
int gnttab_hs_get(struct domain *rd, grant_ref_t ref, domid_t ldom,
                  bool readonly, struct gnttab_hs_buf *buf)
{
    mfn_t mfn;
    int rc = GNTST_okay;

    if ( !pin_shortly(rd, ref, ldom, readonly, buf) )
        rc = acquire_grant_for_copy(rd, ref, ldom, readonly, &mfn, &buf->page,
                                    &buf->offset, &buf->len, false);
    if ( rc != GNTST_okay )
        return rc;
    if ( !readonly && !get_page_type(buf->page, PGT_writable_page) )
    {
        release_grant_for_copy(rd, ref, readonly);
        put_page(buf->page);
        return GNTST_general_error;
    }
    buf->ref = ref;
    buf->readonly = readonly;

    return GNTST_okay;
}

void gnttab_hs_put(struct domain *rd, const struct gnttab_hs_buf *buf)
{
    release_grant_for_copy(rd, buf->ref, buf->readonly);
    if ( !buf->readonly )
        put_page_type(buf->page);
    put_page(buf->page);
}
