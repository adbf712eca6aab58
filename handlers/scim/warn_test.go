package scim_test

import (
	"fmt"
	"testing"
	"time"

	"locum/models"
	"locum/models/directory"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// mailsAre fails the test unless so many mails of a kind were left, and gives the
// last one's content.
func (h *hub) mailsAre(want int, kind mail.Kind) (last mail.Content) {
	h.t.Helper()
	list := h.Mails(kind)
	if len(list) != want {
		h.t.Fatalf("%d mails of %s instead of %d", len(list), kind, want)
	}
	if want > 0 {
		var err error
		last, err = list[want-1].Content()
		h.must(err)
	}
	return last
}

func TestManagersAreToldOnceThatRemovalsAreHeld(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		var people []string
		for i := range 8 {
			people = append(people, h.user(fmt.Sprintf("p%d", i)))
		}
		group := h.group("Editors", people...)
		h.must(h.directories.Warn(h.Ctx))
		h.mailsAre(0, mail.DirectoryHeldKind)
		h.wants(204, "PATCH", "/Groups/"+group, patch(`{"op":"replace","path":"members","value":[]}`))
		for range 2 {
			h.must(h.directories.Warn(h.Ctx))
		}
		told := h.mailsAre(1, mail.DirectoryHeldKind).(mail.DirectoryHeld)
		if told.ID != h.directory.ID || told.Name != "Entra" || told.Lost != 5 || told.Waiting != 3 || told.Company.Name != "De Vries Logistiek" {
			t.Errorf("%+v", told)
		}
		if to := h.Mails(mail.DirectoryHeldKind)[0].Recipient; to != "marieke@devries.example" {
			t.Errorf("it goes to %s", to)
		}
	})
}

func TestManagersAreToldBeforeATokenEndsAndWhenItIsUsedAfterwards(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		token, err := h.directories.NewToken(h.Ctx, h.Actor("marieke"), h.directory.ID, 20)
		h.must(err)
		h.token = token
		want := 0
		at := 0
		for _, step := range []struct{ day, more int }{{0, 0}, {5, 0}, {6, 1}, {7, 0}, {12, 0}, {13, 1}, {18, 0}, {19, 1}, {20, 0}} {
			h.Advance(time.Duration(step.day-at) * 24 * time.Hour)
			at, want = step.day, want+step.more
			for range 2 {
				h.must(h.directories.Warn(h.Ctx))
			}
			told := h.mailsAre(want, mail.DirectoryTokenKind)
			if want > 0 && told.(mail.DirectoryToken).Ended {
				t.Errorf("on day %d it has ended", step.day)
			}
		}
		for range 2 {
			h.wants(401, "GET", "/Users", "")
			h.must(h.directories.Warn(h.Ctx))
		}
		if told := h.mailsAre(want+1, mail.DirectoryTokenKind).(mail.DirectoryToken); !told.Ended || told.Suffix != token[len(token)-4:] {
			t.Errorf("%+v", told)
		}
	})
}

func TestNobodyIsWarnedOfATokenThatHasASuccessorOrWasMadeForAFewDays(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		_, err := h.directories.NewToken(h.Ctx, h.Actor("marieke"), h.directory.ID, 1) // a day's token is not warned of
		h.must(err)
		h.must(h.directories.Warn(h.Ctx))
		h.mailsAre(0, mail.DirectoryTokenKind)
		h.Advance(12 * time.Hour)
		h.must(h.directories.Warn(h.Ctx))
		h.mailsAre(0, mail.DirectoryTokenKind)
		h.Advance(13 * time.Hour)
		h.NewSession("marieke")
		token, err := h.directories.NewToken(h.Ctx, h.Actor("marieke"), h.directory.ID, 15)
		h.must(err)
		h.wants(200, "GET", "/Users", "", "Authorization", "Bearer "+token)
		h.Advance(2 * 24 * time.Hour)
		h.wants(200, "GET", "/Users", "") // by the first, which never ends
		h.must(h.directories.Warn(h.Ctx))
		h.mailsAre(0, mail.DirectoryTokenKind)
	})
}

func TestManagersAreToldOfARoleThatSomebodyKeepsThoughHeWasRemoved(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		marieke := h.user("marieke")
		h.wants(200, "PATCH", "/Users/"+marieke, patch(`{"op":"replace","value":{"active":false}}`))
		var manager bool
		for _, m := range h.Mails(mail.DirectoryKeptKind) {
			content, err := m.Content()
			h.must(err)
			told := content.(mail.DirectoryKept)
			manager = manager || told.Role == "Manager" && told.Where == "" && told.Person == "Marieke de Vries"
		}
		if !manager {
			t.Error("nobody is told")
		}
		before := len(h.Mails(mail.DirectoryKeptKind))
		h.wants(200, "PATCH", "/Users/"+marieke, patch(`{"op":"replace","value":{"active":false}}`))
		if n := len(h.Mails(mail.DirectoryKeptKind)); n != before {
			t.Error("and again for nothing")
		}
	})
}

func TestManagersAreToldOnceThatADirectoryIsSilent(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		silent := func(want int) {
			t.Helper()
			h.must(h.directories.WarnOfSilence(h.Ctx))
			h.mailsAre(want, mail.DirectorySilentKind)
		}
		// One that was only tried out is not missed.
		h.wants(200, "GET", "/Users", "")
		h.Advance(100 * time.Hour)
		silent(0)
		for range 8 { // and one that was never so long without a word is
			h.wants(200, "GET", "/Users", "")
			h.Advance(24 * time.Hour)
		}
		silent(0) // its log has a gap of a hundred hours
		h.System(func(tx *store.Tx) error {
			return tx.Where("at < ?", models.At(h.Now().Add(-8*24*time.Hour))).Delete(&directory.Request{}).Error
		})
		h.Advance(47 * time.Hour)
		silent(0)
		h.Advance(2 * time.Hour)
		silent(1)
		silent(1)
		h.wants(200, "GET", "/Users", "")
		silent(1)
		h.must(h.directories.Pause(h.Ctx, h.marieke(), h.directory.ID))
		h.Advance(80 * time.Hour)
		silent(1)
	})
}

// marieke is the manager with a fresh session, however late it is.
func (h *hub) marieke() models.Actor {
	h.NewSession("marieke")
	return h.Actor("marieke")
}
