using System.Security.Cryptography;
using System.Text;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Shared.Tests.Checkpoints;

public class CheckpointCodecTests
{
    private const string File = "run/step-000000123.ckpt";
    private static readonly byte[] Good = CheckpointCodec.Encode(Samples.Checkpoint(123));

    private static readonly byte[] GoodAdamW = CheckpointCodec.Encode(Samples.Checkpoint(123, Samples.AdamWSpec));

    public static TheoryData<RunSpec> Specs => [Samples.Spec, Samples.AdamWSpec, Samples.TargetsSpec, Samples.AugmentedSpec];

    [Theory]
    [MemberData(nameof(Specs))]
    public void Decode_WhatEncodeWrote_IsEqualInEveryField(RunSpec spec)
    {
        Checkpoint expected = Samples.Checkpoint(123, spec);
        Checkpoint actual = CheckpointCodec.Decode(CheckpointCodec.Encode(expected), File);

        Assert.Equal(expected.RunId, actual.RunId);
        Assert.Equal(expected.Term, actual.Term);
        Assert.Equal(expected.Step, actual.Step);
        Assert.Equal(expected.Unreported, actual.Unreported);
        Assert.Equal(expected.WeightsSha256, actual.WeightsSha256);
        Assert.Equivalent(expected.Spec, actual.Spec, strict: true);
        AssertEqual(expected.Parameters, actual.Parameters);
        Assert.Equal(expected.Slots.Select(slot => slot.Name), actual.Slots.Select(slot => slot.Name));
        AssertEqual([.. expected.Slots.SelectMany(slot => slot.Tensors)], [.. actual.Slots.SelectMany(slot => slot.Tensors)]);

        static void AssertEqual(IReadOnlyList<NamedTensor> expected, IReadOnlyList<NamedTensor> actual)
        {
            Assert.Equal(expected.Select(tensor => tensor.Name), actual.Select(tensor => tensor.Name));
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.Shape, pair.Second.Shape));
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.Values, pair.Second.Values));
        }
    }

    [Fact]
    public void Encode_WithoutMomentum_HasNoSlots()
    {
        Checkpoint sample = Samples.Checkpoint(1);
        Checkpoint plain = sample with
        {
            Spec = sample.Spec with { Optimizer = (SgdSpec)sample.Spec.Optimizer with { Momentum = 0 } },
            Slots = [],
        };

        Assert.Empty(CheckpointCodec.Decode(CheckpointCodec.Encode(plain), File).Slots);
        Assert.Throws<ArgumentException>(() => CheckpointCodec.Encode(plain with { Slots = sample.Slots }));
    }

    [Fact]
    public void Decode_MoreExamplesThanAnIntButNotThanTheRun_AreKept()
    {
        Checkpoint sample = Samples.Checkpoint(1);
        Checkpoint Of(long examples) =>
            sample with { Spec = sample.Spec with { TotalSteps = 1L << 32 }, Unreported = new NodeStatistics(1, examples - 1, examples) };

        foreach (long examples in (long[])[1L << 31, (1L << 32) + 1, (1L << 32) * sample.Spec.BatchSize])
            Assert.Equal(Of(examples).Unreported, CheckpointCodec.Decode(CheckpointCodec.Encode(Of(examples)), File).Unreported);
        byte[] tooMany = CheckpointCodec.Encode(Of((1L << 32) * sample.Spec.BatchSize + 1));
        Assert.Equal(CheckpointError.Invalid, Assert.Throws<CheckpointException>(() => CheckpointCodec.Decode(tooMany, File)).Error);
    }

    /// <summary>Files that people have must stay readable: a change of these bytes is a new format version.</summary>
    [Fact]
    public void Encode_KnownCheckpoint_HasTheGoldenBytes()
    {
        Assert.Equal("8B", Convert.ToHexString(Good.AsSpan(0, 1)));
        Assert.Equal(
            "\u00a6format\u00b3lockstep-checkpoint\u00a7version\u0001\u00a6length\u00cf", Encoding.Latin1.GetString(Good.AsSpan(1, 44)));
        Assert.Equal(GoldenFile.Read("checkpoint-v1.ckpt"), Good);
        Assert.Equal(GoldenFile.Read("checkpoint-v2.ckpt"), GoodAdamW);
    }

    /// <summary>A slot that is cut out, renamed or exchanged is not read as another one.</summary>
    [Fact]
    public void Encode_OtherSlotsThanThoseOfTheOptimizer_IsRefused()
    {
        Checkpoint sample = Samples.Checkpoint(1, Samples.AdamWSpec);
        Assert.Throws<ArgumentException>(() => CheckpointCodec.Encode(sample with { Slots = [sample.Slots[0]] }));
        Assert.Throws<ArgumentException>(() => CheckpointCodec.Encode(sample with { Slots = [sample.Slots[1], sample.Slots[0]] }));
        Assert.Throws<ArgumentException>(() => CheckpointCodec.Encode(sample with { Spec = Samples.Spec }));
    }

    [Fact]
    public void Decode_CutAtAnyLength_IsRefused()
    {
        for (int length = 0; length < Good.Length; length++)
        {
            byte[] cut = Good[..length];
            var error = Assert.Throws<CheckpointException>(() => CheckpointCodec.Decode(cut, File));
            Assert.Equal(CheckpointError.Truncated, error.Error);
            Assert.Contains(File, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Decode_AnyByteFlipped_IsRefused()
    {
        for (int i = 0; i < Good.Length; i++)
        {
            foreach (byte mask in (byte[])[0x01, 0x80, 0xFF])
            {
                byte[] flipped = [.. Good];
                flipped[i] ^= mask;
                Assert.Throws<CheckpointException>(() => CheckpointCodec.Decode(flipped, File));
            }
        }
    }

    [Fact]
    public void Decode_BytesAppended_IsDamaged() =>
        Assert.Equal(
            CheckpointError.Damaged, Assert.Throws<CheckpointException>(() => CheckpointCodec.Decode((byte[])[.. Good, 0], File)).Error);

    /// <summary>Whoever can write a file can also give it a right digest.</summary>
    [Fact]
    public void Decode_AnyByteFlippedWithRightDigest_IsReadOrRefusedAsInvalid()
    {
        int read = 0;
        for (int i = 0; i < Good.Length - SHA256.HashSizeInBytes; i++)
        {
            foreach (byte mask in (byte[])[0x01, 0x80, 0xFF])
            {
                try
                {
                    CheckpointCodec.Decode(Forged(bytes => bytes[i] ^= mask), File);
                    read++;
                }
                catch (CheckpointException)
                {
                    // Any other exception fails the test.
                }
            }
        }

        Assert.InRange(read, 1, Good.Length * 2);
    }

    [Fact]
    public void Decode_RunThatMayStopEarly_KeepsWhatItRemembersOfTheEvaluations()
    {
        RunSpec spec = Samples.Spec with { Stop = new StopSpec { Metric = ValidationMetric.Accuracy, Patience = 2, EverySteps = 10 } };
        Checkpoint begun = Samples.Checkpoint(123, spec), evaluated = begun with { Stopping = new StopState(1.0 / 3, 100, 2) };

        Assert.Equal(default, Decoded(begun).Stopping);
        Assert.Equal(evaluated.Stopping, Decoded(evaluated).Stopping);
        Assert.Equal((false, true), (Decoded(begun).IsComplete, Decoded(evaluated).IsComplete));
        Assert.Throws<CheckpointException>(() => Decoded(begun with { Stopping = new StopState(0.5, 124, 0) }));

        static Checkpoint Decoded(Checkpoint checkpoint) => CheckpointCodec.Decode(CheckpointCodec.Encode(checkpoint), File);
    }

    [Fact]
    public void Decode_LaterVersion_SaysWhichAndWhatToDo()
    {
        int version = Encoding.Latin1.GetString(Good).IndexOf("version", StringComparison.Ordinal) + "version".Length;

        var error = Assert.Throws<CheckpointException>(() => CheckpointCodec.Decode(Forged(bytes => bytes[version] = CheckpointCodec.Version + 1), File));

        Assert.Equal(CheckpointError.UnknownVersion, error.Error);
        Assert.Contains($"has format {CheckpointCodec.Version + 1}; this build reads 1 to {CheckpointCodec.Version}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_WeightChangedWithRightDigest_IsCaughtByTheWeightsDigest()
    {
        int weights = Encoding.Latin1.GetString(Good).IndexOf("f32", StringComparison.Ordinal) + 8;

        var error = Assert.Throws<CheckpointException>(() => CheckpointCodec.Decode(Forged(bytes => bytes[weights] ^= 1), File));

        Assert.Equal(CheckpointError.Invalid, error.Error);
        Assert.Contains("weightsSha256", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_HugeTensorLength_IsRefusedBeforeAnythingIsAllocated()
    {
        int length = Encoding.Latin1.GetString(Good).IndexOf("f32", StringComparison.Ordinal) + 3;
        byte[] forged = Forged(bytes => (bytes[length], bytes[length + 1], bytes[length + 2]) = (0xC6, 0x7F, 0xFF));
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<CheckpointException>(() => CheckpointCodec.Decode(forged, File));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    /// <summary>Earlier versions saved runs that had diverged: such a file can be looked at, and nothing else.</summary>
    [Fact]
    public void Decode_ValuesThatAreNotFinite_IsForLookingAtOnly()
    {
        Checkpoint sample = Samples.Checkpoint(123);
        OptimizerSlot slot = sample.Slots[0];
        Checkpoint WithVelocity(float value) => sample with
        {
            Slots = [slot with { Tensors =
                [slot.Tensors[0] with { Values = [.. slot.Tensors[0].Values[1..], value] }, .. slot.Tensors.Skip(1)] }],
        };
        byte[] diverged = CheckpointCodec.EncodeAny(WithVelocity(float.NaN));

        var error = Assert.Throws<CheckpointException>(() => CheckpointCodec.Decode(diverged, File));

        Assert.Equal(CheckpointError.NotFinite, error.Error);
        Assert.Contains(
            "velocity of layer0/weights has 1 of 30 values not finite, the first at [5, 4] (NaN)", error.Message, StringComparison.Ordinal);
        Assert.True(float.IsNaN(CheckpointCodec.Decode(diverged, File, mayBeNonFinite: true).Slots[0].Tensors[0].Values[^1]));
        Assert.Throws<ArgumentException>(() => CheckpointCodec.Encode(WithVelocity(float.NegativeInfinity)));
        Assert.Throws<ArgumentException>(() => CheckpointCodec.Encode(sample with { Unreported = new NodeStatistics(double.NaN, 0, 1) }));
    }

    [Fact]
    public void Decode_AnotherFile_IsInvalid()
    {
        var error = Assert.Throws<CheckpointException>(() => CheckpointCodec.Decode(new byte[4096], File));

        Assert.Equal(CheckpointError.Invalid, error.Error);
    }

    private static byte[] Forged(Action<byte[]> change)
    {
        byte[] bytes = [.. Good];
        change(bytes);
        SHA256.HashData(bytes.AsSpan(0, bytes.Length - SHA256.HashSizeInBytes), bytes.AsSpan(bytes.Length - SHA256.HashSizeInBytes));
        return bytes;
    }
}
