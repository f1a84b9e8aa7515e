"""In which format a browser records: what is recorded is what is given one day, so the one that most browsers play."""

import json
import subprocess
from pathlib import Path

import pytest
from web.twin import bundle

NODE = pytest.mark.needs("npm:esbuild")
AAC, H264 = "audio/mp4;codecs=mp4a.40.2", "video/mp4;codecs=avc1.42E01E,mp4a.40.2"
OPUS, VP8 = "audio/webm;codecs=opus", "video/webm;codecs=vp8,opus"
BROWSERS = {
    "both kinds": ([OPUS, VP8, AAC, H264, "audio/mp4", "video/mp4"], AAC, H264),
    "MP4 without naming its codecs": (["audio/mp4", "video/mp4", OPUS, VP8], "audio/mp4", "video/mp4"),
    "WebM alone": ([OPUS, VP8, "audio/webm", "video/webm"], OPUS, VP8),
    "voice alone": ([OPUS], OPUS, None),
    "nothing it names": ([], None, None),
    "no recorder at all": (None, None, None),
}
"""What a browser supports, and in which format it then records voice and picture."""

ASK = """
import { formatOf } from "RECORDER";
const found = SUPPORTED.map((known) => {
  if (known === null) delete globalThis.MediaRecorder;
  else globalThis.MediaRecorder = { isTypeSupported: (format) => known.includes(format) };
  return [formatOf("audio") ?? null, formatOf("video") ?? null];
});
process.stdout.write(JSON.stringify(found));
"""


@NODE
def test_mp4_with_aac_is_recorded_wherever_a_browser_can_and_what_cannot_record_says_so(
    tmp_path: Path,
) -> None:
    recorder = bundle("web/src/pages/author/recorder.ts", tmp_path / "recorder.mjs")
    script = tmp_path / "ask.mjs"
    supported = json.dumps([known for known, *_ in BROWSERS.values()])
    here = 'Object.defineProperty(globalThis, "navigator", { value: { mediaDevices: {} } });'
    script.write_text(ASK.replace("RECORDER", recorder.as_uri()).replace("SUPPORTED", supported))
    done = subprocess.run(
        ["node", "--import", f"data:text/javascript,{here}", str(script)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[voice, picture] for _, voice, picture in BROWSERS.values()]
