package openid_test

import (
	"testing"

	"locum/models"
	"locum/models/access"
	"locum/models/openid"
)

// No one clause stands in for another: each ends what was issued by itself, whoever
// forgot to revoke it.
func TestWhatWasIssuedIsWorthSomethingToItsPersonInItsVisitAlone(t *testing.T) {
	revoked := models.Instant{}
	works := func(account, visit string, denied access.Denial) access.Answer {
		return access.Answer{Actor: models.Actor{Account: account, Visit: visit}, Denied: denied}
	}
	home, visit := openid.Authorization{AccountID: "acc_1"}, openid.Authorization{AccountID: "acc_1", VisitID: "vis_1"}
	ended := home
	ended.RevokedAt = &revoked
	for what, c := range map[string]struct {
		by   openid.Authorization
		now  access.Answer
		want bool
	}{
		"at home":                         {home, works("acc_1", "", ""), true},
		"made at home, in a visit":        {home, works("acc_1", "vis_1", ""), true},
		"in its visit":                    {visit, works("acc_1", "vis_1", ""), true},
		"after its visit":                 {visit, works("acc_1", "", ""), false},
		"in another visit":                {visit, works("acc_1", "vis_2", ""), false},
		"in another session's hands":      {home, works("acc_2", "", ""), false},
		"while he may not use it":         {home, works("acc_1", "", access.NoRole), false},
		"revoked":                         {ended, works("acc_1", "", ""), false},
		"nobody is signed in any more":    {home, access.Answer{}, false},
		"in a visit that its host closed": {visit, works("acc_1", "vis_1", access.NotForVisitors), false},
	} {
		if c.by.Holds(c.now) != c.want {
			t.Errorf("%s: %v", what, !c.want)
		}
	}
}
