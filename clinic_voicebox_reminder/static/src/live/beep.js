const TONES = [880, 660]; // Hz, one after the other
const LENGTH = 0.18; // Seconds
const VOLUME = 0.2;

/** Two short tones, without a file. Browsers keep quiet before the first click. */
export function beep() {
    const audio = new AudioContext();
    const volume = new GainNode(audio, {gain: VOLUME});
    volume.connect(audio.destination);
    TONES.forEach((frequency, turn) => {
        const tone = new OscillatorNode(audio, {frequency});
        tone.connect(volume);
        tone.start(audio.currentTime + turn * LENGTH);
        tone.stop(audio.currentTime + (turn + 1) * LENGTH);
        tone.onended = () => turn === TONES.length - 1 && audio.close();
    });
}
