// @ts-check
// The tape deck: step through what was computed, forwards, then backwards.
//
// Two more parts stand in the side panel, each in a file of its own beside this one:
//
//   why({ model, ask, page }) -> { el, show({ node, index, which }), stop?() }
//   scrub({ model, ask, changed, page }) -> { el, show({ node, index }), stop?() }
//
//     el         an element; the deck puts it under a tab ("why this number?", "change it") and hides it
//     show(...)  called whenever another entry is in play while the tab is open: `node` is the id of a
//                node of the graph (model.get("tape").nodes[id]), `index` a list ([] for a scalar),
//                `which` is "value" or "grad"; called with null when nothing is in play
//     ask(message) -> Promise<answer>   `message` is {do: "why", node, index, ...}, plain JSON without
//                an id. With a kernel it is sent and the reply resolves it; it rejects with an Error
//                whose message is a sentence for the reader (kernel gone, busy, or the handler's own).
//                In a page without a kernel it answers from model.get("recorded"): {key(message):
//                answer}; so ask with whole numbers and words (at: 17), never with computed floats.
//                A newer ask with the same `do` makes the older one reject with {stale: true}.
//     changed({ [id]: { value?: preview, grad?: preview } } | null)   show these numbers on the cards
//                instead of the recorded ones until called with null
//     page       what this page remembers of the widget (kit.js): write under your own name
//     model.get("recorded") is null where a kernel answers
//
// In Python: widgets/step_view/answers.py (with why.js and scrub.js) has
//     ANSWERS = {"why": f, "scrub": g}     f(walk, message) -> a dict for JSON, or raises ValueError
//                                          with a sentence for the reader
//     def to_record(walk) -> iterable of messages whose answers a page without a kernel shall have
// `walk` is autograd_lab.stepping.Walk: walk.graph (Graph), walk.replay (Replay), walk.made[id] the
// engine's node and walk.tensors[id] the Tensor (leaves, data) behind a node of the graph,
// walk.ids[engine node] its id, walk.visits (Replay.visits), walk.name(id) how the learner calls it,
// walk.play(id) the entry in play. Style: why.css beside this file, under .agl-step.
