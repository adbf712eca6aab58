package delegation_test

import (
	"slices"
	"testing"

	"locum/models/delegation"
	"locum/models/mail"
	"locum/models/modelstest"
	"locum/models/notice"
	"locum/models/store"
	"locum/models/tenancy"
)

// One superuser cannot switch approval off, give, and switch it on again without
// the others hearing of it.
func TestLooseningWhatProtectsAHostIsMailedToTheOthers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, w *modelstest.World) {
		set := func(h tenancy.Hosting) {
			h.Notify = tenancy.Digest // whatever they chose
			no(t, w.Members.SetHosting(w.Ctx, w.Actor("karin"), h))
		}
		set(tenancy.Hosting{Approval: true, LongestDays: 30})
		if got := w.Mails(mail.LoosenedKind); len(got) != 0 {
			t.Fatalf("to be stricter is told to %v", got)
		}
		set(tenancy.Hosting{LongestDays: 30})
		w.Delegate("karin", "sanne", delegation.Week)
		set(tenancy.Hosting{Approval: true, LongestDays: 30})
		if got := recipients(w, mail.LoosenedKind); !slices.Equal(got, []string{"pim@zonneveld.example"}) {
			t.Fatalf("told are %v", got)
		}
		content, err := w.Mails(mail.LoosenedKind)[0].Content()
		no(t, err)
		if told := content.(mail.Loosened); !slices.Equal(told.What, []string{"approval"}) || told.By != "Karin Schouten" || told.Host.ID != w.Zonneveld.Organization {
			t.Errorf("he is told %+v", told)
		}
		var rows []notice.Entry
		w.System(func(tx *store.Tx) error { return tx.Where("kind = ?", mail.LoosenedKind).Find(&rows).Error })
		if len(rows) != 2 {
			t.Errorf("it stands in %d inboxes", len(rows))
		}
		set(tenancy.Hosting{})
		if got := recipients(w, mail.LoosenedKind); len(got) != 2 {
			t.Errorf("loosened again, told are %v", got)
		}
	})
}
