package mail

import (
	"slices"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/mail"
)

// The mail of a change sets beside what is now only what was otherwise.
func TestAChangeSaysWhatWasOtherwise(t *testing.T) {
	end, sooner := models.At(time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)), models.At(time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC))
	now := mail.Delegated{Delegation: "dlg_1", Host: mail.Place{ID: "org_1", Name: "Zonneveld"}, Person: "Sanne", Roles: []string{"Viewer"}, Ends: &end}
	before := []string{"Ended before", "Roles before", "Applications before"}
	for _, c := range []struct {
		ended       *models.Instant
		roles, apps []string
		want        []string
	}{
		{&end, []string{"Viewer"}, []string{"Planning"}, nil},
		{&end, []string{"Editor", "Viewer"}, []string{"Bridge", "Planning"}, before[1:]},
		{&sooner, []string{"Viewer"}, []string{"Planning"}, before[:1]},
		{nil, []string{"Viewer"}, nil, []string{before[0], before[2]}},
	} {
		for _, toConsultant := range []bool{true, false} {
			text := render(t, "en", mail.Amended{Delegated: now, By: "Karin", Before: c.ended, RolesBefore: c.roles, Applications: []string{"Planning"}, ApplicationsBefore: c.apps, ToConsultant: toConsultant}).Text
			for _, fact := range before {
				if strings.Contains(text, fact) != slices.Contains(c.want, fact) {
					t.Errorf("%q is in the mail: %t\n%s", fact, !slices.Contains(c.want, fact), text)
				}
			}
		}
	}
}
