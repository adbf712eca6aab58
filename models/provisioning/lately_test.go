package provisioning_test

import (
	"testing"
	"time"

	"locum/models/provisioning"
	"locum/models/store"
)

// TestWhatALargeCompanysPeopleHaveIsReadOnceAMinute: a form for connectors does
// not read thousands of people at each look, and is not behind for long.
func TestWhatALargeCompanysPeopleHaveIsReadOnceAMinute(t *testing.T) {
	each(t, func(t *testing.T, f firm) {
		people := 2001
		f.System(func(tx *store.Tx) error {
			_, err := provisioning.Populate(tx, f.Production.Company, people, func(int) []string { return []string{"Staff"} })
			return err
		})
		look := func() int {
			seen, err := f.connectors.Seen(f.Ctx, f.Actor("marieke"))
			no(t, err)
			return seen.People
		}
		if n := look(); n != people {
			t.Fatalf("%d are known", n)
		}
		no(t, f.comesIn(f.said("anna", "Editors"), func() {}))
		if n := look(); n != people {
			t.Errorf("%d at once", n)
		}
		f.Advance(time.Minute)
		if n := look(); n != people+1 {
			t.Errorf("%d a minute later", n)
		}
		if seen, err := f.connectors.Seen(f.Ctx, f.Actor("karin")); err != nil || seen.People != 0 {
			t.Errorf("another company is told of %d people (%v)", seen.People, err)
		}
		if people, many, err := f.connectors.Everyone(f.Ctx, f.Actor("marieke")); err != nil || !many || len(people) != 0 {
			t.Errorf("%d are listed to choose from (%v)", len(people), err)
		}
	})
}
