package scim_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"locum/models"
	"locum/models/directory"
	"locum/models/event"
	"locum/models/store"
	"locum/models/tenancy"
)

func TestConcurrentPatchesOfOneGroupLoseNothing(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		group := h.group("Editors")
		var want []string
		for i := range 12 {
			want = append(want, h.user(fmt.Sprintf("p%d", i)))
		}
		var all sync.WaitGroup
		codes := make([]int, len(want))
		for i, id := range want {
			all.Go(func() {
				// Each adds two, so that they meet over people too, in another order.
				other := want[(i+5)%len(want)]
				codes[i] = h.send("PATCH", "/Groups/"+group, patch(`{"op":"add","path":"members","value":`+values(id, other)+`}`)).Code
			})
		}
		all.Wait()
		for _, code := range codes {
			if code != 204 {
				t.Errorf("a PATCH was answered %d", code)
			}
		}
		slices.Sort(want)
		if got := h.members(group); !slices.Equal(got, want) {
			t.Errorf("%d members instead of %d", len(got), len(want))
		}
		for i := range want {
			h.holdsAre(fmt.Sprintf("p%d@devries.example", i), "member/rule")
		}
	})
}

func TestConcurrentPatchesOfOneUserLoseNothing(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		u := h.user("u1")
		names := []string{"title", "nickName", "userType", "locale", "displayName", "timezone"}
		var all sync.WaitGroup
		for _, name := range names {
			all.Go(func() { h.send("PATCH", "/Users/"+u, patch(`{"op":"replace","path":"`+name+`","value":"x"}`)) })
		}
		all.Wait()
		got := h.wants(200, "GET", "/Users/"+u, "")
		for _, name := range names {
			if got.at(name) != "x" {
				t.Errorf("%s was lost", name)
			}
		}
	})
}

func TestDuplicateUserNamesAtOnceAreOne(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		var all sync.WaitGroup
		codes := make([]int, 6)
		for i := range codes {
			all.Go(func() { codes[i] = h.send("POST", "/Users", `{"userName":"same@devries.example"}`).Code })
		}
		all.Wait()
		slices.Sort(codes)
		if !slices.Equal(codes, []int{201, 409, 409, 409, 409, 409}) {
			t.Errorf("the answers are %v", codes)
		}
	})
}

func TestAMassRemovalIsHeldUntilAManagerDecides(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		var people []string
		for i := range 8 {
			people = append(people, h.user(fmt.Sprintf("p%d", i)))
		}
		h.group("Editors", people...)
		for _, id := range people {
			h.wants(200, "PATCH", "/Users/"+id, patch(`{"op":"replace","value":{"active":false}}`))
		}
		gone := func() (n int) {
			for i := range 8 {
				if len(h.holds(fmt.Sprintf("p%d@devries.example", i))) == 0 {
					n++
				}
			}
			return n
		}
		if n := gone(); n != 5 {
			t.Fatalf("%d lost their roles", n)
		}
		if n := h.events(event.DirectoryHeld); n != 1 {
			t.Errorf("%d events tell of the hold", n)
		}
		staged, err := h.directories.Staged(h.Ctx, h.Actor("marieke"), h.directory.ID)
		h.must(err)
		if len(staged) != 3 {
			t.Fatalf("%d wait", len(staged))
		}
		err = h.directories.Decide(h.Ctx, h.Actor("marieke"), h.directory.ID, true, 2)
		h.Wants(err, models.Invalid, "confirm")
		// One of them comes back by himself.
		h.wants(200, "PATCH", "/Users/"+people[7], patch(`{"op":"replace","value":{"active":true}}`))
		h.holdsAre("p7@devries.example", "member/rule")
		h.must(h.directories.Decide(h.Ctx, h.Actor("marieke"), h.directory.ID, true, 2))
		if n := gone(); n != 7 {
			t.Errorf("%d lost their roles", n)
		}
	})
}

func TestHeldRemovalsCanBeKept(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		var people []string
		for i := range 7 {
			people = append(people, h.user(fmt.Sprintf("p%d", i)))
		}
		group := h.group("Editors", people...)
		h.wants(204, "PATCH", "/Groups/"+group, patch(`{"op":"replace","path":"members","value":[]}`))
		staged, err := h.directories.Staged(h.Ctx, h.Actor("marieke"), h.directory.ID)
		h.must(err)
		if len(staged) != 2 {
			t.Fatalf("%d wait", len(staged))
		}
		h.must(h.directories.Decide(h.Ctx, h.Actor("marieke"), h.directory.ID, false, 0))
		h.must(h.directories.Advance(h.Ctx))
		for _, u := range staged {
			h.holdsAre(u.UserName, "member/rule")
		}
	})
}

func TestALargeChangeIsDoneByTheSweep(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.directories.DecideAtOnce(2)
		h.rule("Editors", tenancy.Member)
		ids := []string{h.user("a"), h.user("b"), h.user("c"), h.user("d"), h.user("e")}
		h.group("Editors", ids...)
		h.must(h.directories.Advance(h.Ctx))
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			h.holdsAre(name+"@devries.example", "member/rule")
		}
	})
}

func TestAPausedDirectoryAuthenticatesFirst(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.must(h.directories.Pause(h.Ctx, h.Actor("marieke"), h.directory.ID))
		if got := h.wants(http.StatusServiceUnavailable, "GET", "/Users", ""); got.Header.Get("Retry-After") == "" {
			t.Error("nothing says when to come back")
		}
		h.wants(http.StatusUnauthorized, "GET", "/Users", "", "Authorization", "Bearer scim_nobody")
		h.must(h.directories.Resume(h.Ctx, h.Actor("marieke"), h.directory.ID))
		h.wants(200, "GET", "/Users", "")
	})
}

func TestTwoTokensAreLiveAndOneThatIsRevokedOrExpiredIsNot(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		by := func() models.Actor { return h.Actor("marieke") }
		next, err := h.directories.NewToken(h.Ctx, by(), h.directory.ID, 30)
		h.must(err)
		_, err = h.directories.NewToken(h.Ctx, by(), h.directory.ID, 30)
		h.Wants(err, models.Conflict, "two_tokens")
		h.wants(200, "GET", "/Users", "", "Authorization", "Bearer "+next)
		list, err := h.directories.Tokens(h.Ctx, by(), h.directory.ID)
		h.must(err)
		for _, token := range list {
			if token.LastUsedAt == nil == strings.HasSuffix(next, token.Suffix) {
				t.Errorf("the token …%s was last used %v", token.Suffix, token.LastUsedAt)
			}
			if !strings.HasSuffix(next, token.Suffix) {
				h.must(h.directories.RevokeToken(h.Ctx, by(), h.directory.ID, token.ID))
			}
		}
		h.wants(401, "GET", "/Users", "")
		h.Advance(31 * 24 * time.Hour)
		h.wants(401, "GET", "/Users", "", "Authorization", "Bearer "+next)
	})
}

// Ids of another company answer like unknown ones.
func TestIdsOfAnotherTenantAreUnknown(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		u := h.user("u1")
		g := h.group("Editors", u)
		own := h.token
		_, foreign, err := h.directories.Add(h.Ctx, h.Actor("karin"), directory.Draft{Name: "Okta", Kind: directory.Okta})
		h.must(err)
		h.token = foreign
		same := func(method, path, other, body string) {
			t.Helper()
			a, b := h.send(method, path, body), h.send(method, other, body)
			if a.Code != b.Code || a.Text != b.Text || a.Code != 404 {
				t.Errorf("%s %s: %d %s, and of an unknown id %d %s", method, path, a.Code, a.Text, b.Code, b.Text)
			}
		}
		for _, method := range []string{"GET", "DELETE", "PATCH", "PUT"} {
			same(method, "/Users/"+u, "/Users/dusr_nobody", patch(`{"op":"add","path":"title","value":"x"}`))
			same(method, "/Groups/"+g, "/Groups/dgrp_nobody", patch(`{"op":"add","path":"members","value":[]}`))
		}
		if got := h.wants(200, "GET", "/Users", ""); got.at("totalResults") != 0.0 {
			t.Errorf("Zonneveld sees %v", got.Text)
		}
		// As a member he stays parked, and gets nothing.
		h.wants(201, "POST", "/Groups", `{"displayName":"Editors","members":`+values(u)+`}`)
		h.token = own
		h.holdsAre("u1@devries.example", "member/rule")
		_, err = h.directories.Get(h.Ctx, h.Actor("karin"), h.directory.ID)
		h.Wants(err, models.NotFound, "not_found")
	})
}

func TestAPasswordIsNeitherStoredNorLogged(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		u := h.wants(201, "POST", "/Users", `{"userName":"u1@devries.example","password":"hush-hush"}`).id()
		h.wants(200, "PATCH", "/Users/"+u, patch(`{"op":"replace","path":"password","value":"hush-hush"}`, `{"op":"add","path":"title","value":"x"}`))
		h.wants(400, "POST", "/Users", `{"password":"hush-hush"`)
		h.System(func(tx *store.Tx) error {
			var users []directory.User
			var log []directory.Request
			if err := tx.Find(&users).Error; err != nil {
				return err
			}
			if err := tx.Find(&log).Error; err != nil {
				return err
			}
			if text := fmt.Sprintf("%+v %+v", users, log); strings.Contains(text, "hush") || strings.Contains(text, h.token) {
				t.Error("a secret was kept")
			}
			if len(log) != 3 {
				t.Errorf("%d requests were logged", len(log))
			}
			return nil
		})
	})
}

func TestPeopleAreMatchedOnceTheirDomainIsVerified(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		h.group("Editors", h.wants(201, "POST", "/Users", `{"userName":"bo@late.example"}`).id())
		h.holdsAre("bo@late.example")
		h.Person("olga", "Olga Brandt", "olga@hub.example")
		_, err := h.federation.AddDomain(h.Ctx, h.Actor("marieke"), "late.example")
		h.must(err)
		h.System(func(tx *store.Tx) error {
			return tx.Table("accounts").Where("id = ?", h.ID("olga")).Update("operator", true).Error
		})
		_, err = h.federation.VouchDomain(h.Ctx, h.Actor("olga"), h.Production.Company, "late.example")
		h.must(err)
		h.must(h.directories.Advance(h.Ctx))
		h.holdsAre("bo@late.example", "member/rule")
	})
}
