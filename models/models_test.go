package models_test

import (
	"errors"
	"regexp"
	"slices"
	"testing"
	"time"

	"locum/models"
)

func TestIdsSortByTheTimeTheyWereMade(t *testing.T) {
	form := regexp.MustCompile(`^dlg_[0-9a-hjkmnp-tv-z]{26}$`)
	var ids []string
	for range 2000 {
		id := models.NewID("dlg")
		if !form.MatchString(id) {
			t.Fatalf("%q is not of the form", id)
		}
		ids = append(ids, id)
	}
	if !slices.IsSorted(ids) {
		t.Error("they do not sort")
	}
	if len(slices.Compact(ids)) != 2000 {
		t.Error("two are the same")
	}
}

func TestInstantsSortAsTheirText(t *testing.T) {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	base := time.Date(2026, time.October, 25, 0, 59, 59, 999_999_000, time.UTC)
	times := []time.Time{time.Date(999, 1, 1, 0, 0, 0, 0, time.UTC), base.Add(-time.Second), base, base.Add(time.Microsecond), base.Add(time.Millisecond),
		base.In(amsterdam).Add(time.Second), base.Add(time.Hour), base.AddDate(1, 0, 0)}
	var texts []string
	for _, at := range times {
		value, err := models.At(at).Value()
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, value.(string))
	}
	if !slices.IsSorted(texts) {
		t.Errorf("they do not sort: %v", texts)
	}
	if texts[2] != "2026-10-25T00:59:59.999999Z" {
		t.Errorf("written as %s", texts[2])
	}
}

func TestAnInstantReadsWhatItWrote(t *testing.T) {
	at := models.At(time.Date(2026, time.November, 16, 11, 0, 0, 123_456_789, time.FixedZone("", 3600)))
	text, _ := at.Value()
	for _, from := range []any{text, []byte(text.(string)), at.Time, at.In(time.FixedZone("", -7200)), "2026-11-16T11:00:00.123456+01:00"} {
		var read models.Instant
		if err := read.Scan(from); err != nil || !read.Equal(at.Time) || read.Location() != time.UTC {
			t.Errorf("%v reads as %v: %v", from, read, err)
		}
	}
	none := at
	if err := none.Scan(nil); err != nil || !none.IsZero() {
		t.Errorf("nothing reads as %v: %v", none, err)
	}
	if value, err := none.Value(); err != nil || value != nil {
		t.Errorf("nothing is written as %v: %v", value, err)
	}
	for _, wrong := range []any{"yesterday", 7, true} {
		if err := none.Scan(wrong); err == nil {
			t.Errorf("%v is read", wrong)
		}
	}
	if models.AtPtr(time.Time{}) != nil || !models.AtPtr(at.Time).Equal(at.Time) {
		t.Error("AtPtr")
	}
}

func TestErrorsSayWhatTheLogNeeds(t *testing.T) {
	cause := errors.New("connection reset")
	err := models.Fail(models.Conflict, "delegation.error.over").Because(cause)
	if err.Error() != "conflict: delegation.error.over: connection reset" || !errors.Is(err, cause) {
		t.Errorf("%v", err)
	}
	fields := models.FieldErrors{}
	if fields.Err() != nil {
		t.Error("nothing is wrong, and it is an error")
	}
	fields.Add("role", "error.choice")
	fields.Add("email", "error.required")
	fields.Add("email", "account.error.email", "Max", 3) // the first stands
	if got := fields.Err().Error(); got != "invalid: error.invalid [email: error.required] [role: error.choice]" {
		t.Errorf("%s", got)
	}
	for _, c := range []struct {
		err  error
		kind models.Kind
		name string
	}{{cause, models.Internal, "internal"}, {err, models.Conflict, "conflict"}, {errors.Join(cause, err), models.Conflict, "conflict"}, {models.Unknown(), models.NotFound, "not_found"},
		{models.Fail(models.Kind(99), ""), models.Kind(99), "internal"}, {nil, models.Internal, "internal"}} {
		if got := models.KindOf(c.err); got != c.kind || got.String() != c.name {
			t.Errorf("%v is %s", c.err, got)
		}
	}
	if m := models.Text("error.too_long", "Max", 100, "odd"); m.Key != "error.too_long" || m.Args["Max"] != 100 || len(m.Args) != 1 {
		t.Errorf("%+v", m)
	}
}

func TestVisitorsAreDeniedEverythingAboveTheOrganization(t *testing.T) {
	all := models.Permissions(slices.Concat(models.OrganizationPermissions, models.CompanyPermissions, []models.Permission{models.OperatePlatform}))
	left := all.ForVisitors()
	for _, p := range all {
		outside := p.Level() != models.OrganizationLevel
		own := slices.Contains([]models.Permission{models.ManageDelegations, models.ManageSuperusers, models.ManageMembers, models.ManageOrganization, models.ManageOwnWebhooks, models.ManageSecrets, models.ManageUsage}, p)
		if left.Has(p) == (outside || own) {
			t.Errorf("%s: %t", p, left.Has(p))
		}
	}
	if !all.Has(models.ManageDelegations) {
		t.Error("the set itself was changed")
	}
	if (models.Actor{}).May(models.OwnAccount) || !(models.Actor{Account: "a"}).May(models.OwnAccount) {
		t.Error("one's own account")
	}
}

func TestAPageBeginsAtOne(t *testing.T) {
	for number, offset := range map[int]int{-3: 0, 0: 0, 1: 0, 2: models.PageSize, 5: 4 * models.PageSize} {
		if got := models.Of(number).Offset(); got != offset {
			t.Errorf("page %d begins at %d", number, got)
		}
	}
}
