using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Packing;

namespace Lockstep.Shared.Tests.Packing;

/// <summary>How data were prepared, in the run spec and in checkpoints.</summary>
public sealed class PreparationTests
{
    private static readonly Preparation Table = new()
    {
        Inputs = new TableSpec(
            [new NumberColumn("länge", 1.7e9, 0.25), new CategoryColumn("colour", ["blue", "", "röt"]), new CategoryColumn("none", [])],
            FillsMissing: true),
        Classes = ["ja", "nein"],
        Label = "label",
        Split = new SplitSpec(0.1, null, ulong.MaxValue),
    };

    private static readonly Preparation Images = new()
    {
        Inputs = new ImageSpec(32, 24, 3, IsResized: true), Classes = ["a", "b", "c"], Split = new SplitSpec(null, 0.25, 1),
    };

    public static TheoryData<string> Kinds => ["table", "images", "targets"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Encode_Prepared_ComesBack(string kind)
    {
        RunSpec spec = SpecOf(kind);

        RunSpec again = RunSpecCodec.Decode(RunSpecCodec.Encode(spec));

        Assert.Equal(RunSpecCodec.Encode(spec), RunSpecCodec.Encode(again));
        Preparation before = spec.Data.Preparation!, after = again.Data.Preparation!;
        Assert.Equal((before.Label, before.Split), (after.Label, after.Split));
        Assert.Equal(before.Classes, after.Classes);
        Assert.Equal(before.Targets, after.Targets);
        if (kind == "targets")
            return;
        if (before.Inputs is not TableSpec table)
        {
            Assert.Equal(before.Inputs, after.Inputs);
            return;
        }

        var read = Assert.IsType<TableSpec>(after.Inputs);
        Assert.Equal((table.FillsMissing, table.Columns[0]), (read.FillsMissing, read.Columns[0]));
        Assert.Equal(((CategoryColumn)table.Columns[1]).Categories, ((CategoryColumn)read.Columns[1]).Categories);
        Assert.Equal("none", read.Columns[2].Name);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_CutOrChanged_IsRefusedOrReadWhole(string kind)
    {
        byte[] good = RunSpecCodec.Encode(SpecOf(kind));
        for (int cut = 0; cut < good.Length; cut++)
            _ = Assert.Throws<FormatException>(() => RunSpecCodec.Decode(good.AsMemory(0, cut)));
        for (int at = 0; at < good.Length; at++)
        {
            byte[] changed = [.. good];
            changed[at] ^= 0x41;
            try
            {
                _ = RunSpecCodec.Decode(changed);
            }
            catch (FormatException)
            {
                // Most changes make it something else.
            }
        }
    }

    [Fact]
    public void Checkpoint_Prepared_ComesBackAndIsOfVersion3()
    {
        Checkpoint checkpoint = Samples.Checkpoint(3, SpecOf("table"));

        byte[] bytes = CheckpointCodec.Encode(checkpoint);

        Checkpoint again = CheckpointCodec.Decode(bytes, "a.ckpt");
        Assert.Equal(["ja", "nein"], again.Spec.Data.Preparation!.Classes);
        Assert.Equal(checkpoint.Slots.Select(slot => slot.Name), again.Slots.Select(slot => slot.Name));
        Assert.Equal("nein", again.Spec.Data.ClassName(1));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    [InlineData(double.NaN)]
    public void Decode_ShareOutOfRange_IsRefused(double share)
    {
        RunSpec spec = SpecOf("images");
        spec = spec with { Data = spec.Data with { Preparation = Images with { Split = new SplitSpec(null, share, 1) } } };

        _ = Assert.Throws<FormatException>(() => RunSpecCodec.Decode(RunSpecCodec.Encode(spec)));
    }

    private static RunSpec SpecOf(string kind) => kind == "targets" ? Samples.RegressionSpec
        : Samples.Spec with { Data = Samples.Spec.Data with { Preparation = kind == "table" ? Table : Images } };
}
