using Lockstep.Shared.Checkpoints;

namespace Lockstep.Hostile.Tests;

/// <summary>Every input of the corpus, cut at every length and changed at every byte.</summary>
public class EveryByteTests
{
    private static readonly byte[] Flips = [0x01, 0xff];

    public static TheoryData<string> Names => [.. Parsers.All.Select(parser => parser.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Corpus_AsItIs_IsReadOrRefused(string name)
    {
        Parser parser = Parsers.Named(name);
        IReadOnlyList<(string Name, byte[] Bytes)> corpus = Corpus.Of(parser);
        Assert.NotEmpty(corpus);
        foreach ((string file, byte[] bytes) in corpus)
        {
            // A stream never ends well: at the end of the frames the reader finds the end of the connection, or that the proof is of
            // another one.
            bool isGood = !file.StartsWith("bad-", StringComparison.Ordinal)
                && parser.Name is not ("stream" or "stream-proof" or "option-texts");
            Assert.True(parser.Try(bytes) || !isGood, $"{parser.Name}/{file} is refused.");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Corpus_CutAtEveryLength_IsReadOrRefused(string name)
    {
        Parser parser = Parsers.Named(name);
        foreach ((string _, byte[] bytes) in Corpus.Of(parser))
        {
            for (int length = 0; length < bytes.Length; length++)
                parser.Try(bytes[..length]);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Corpus_ChangedAtEveryByte_IsReadOrRefused(string name)
    {
        Parser parser = Parsers.Named(name);
        foreach ((string _, byte[] bytes) in Corpus.Of(parser))
        {
            byte[] changed = [.. bytes];
            for (int at = 0; at < bytes.Length; at++)
            {
                foreach (byte flip in Flips)
                {
                    changed[at] = (byte)(bytes[at] ^ flip);
                    parser.Try(changed);
                }

                changed[at] = bytes[at];
            }
        }
    }

    /// <summary>The SHA-256 at its end covers all of a checkpoint: no change goes unnoticed.</summary>
    [Fact]
    public void Checkpoint_CutOrChangedAnywhere_IsRefused()
    {
        byte[] whole = Corpus.Read("checkpoint", "small.ckpt");
        for (int at = 0; at < whole.Length; at++)
        {
            Assert.Throws<CheckpointException>(() => CheckpointCodec.Decode(whole.AsMemory(0, at), "file"));
            byte[] changed = [.. whole];
            for (int bit = 0; bit < 8; bit++)
            {
                changed[at] = (byte)(whole[at] ^ (1 << bit));
                Assert.Throws<CheckpointException>(() => CheckpointCodec.Decode(changed, "file"));
            }
        }
    }
}
