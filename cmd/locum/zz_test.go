package main
import ("testing";"encoding/base64";"fmt";"context";"github.com/chromedp/chromedp";"github.com/chromedp/cdproto/network")
func TestZZ(t *testing.T) {
	s := &story{running: serveDemo(t, "sqlite"), t: t, people: map[string]*visitor{}}
	managerSignsIn(t, s)
	v := s.as(t, marieke)
	chromedp.ListenTarget(v.ctx, func(e any){ switch e := e.(type) { case *network.EventRequestWillBeSent: if e.Request.Method == "POST" { b, _ := base64.StdEncoding.DecodeString(e.Request.PostDataEntries[0].Bytes); fmt.Println("->", string(b)) }
	case *network.EventResponseReceived: fmt.Println("<-", e.Response.Status, e.Response.URL) } })
	_ = context.Background
	v.open("/company/connectors/new")
	v.fill(`[name="condition.0.attribute"]`, "group")
	v.fill(`[name="condition.0.value"]`, "Planning-Editors")
	v.shows("#sentence", "group is Planning-Editors")
	v.press("Save connector")
	v.finds("#errors")
	fmt.Println("=========")
	v.fill(`[name="condition.0.value"]`, "Plan")
	v.shows("#sentence", "group is Plan ")
}
