namespace Lockstep.Bench.Compare.Rows;

/// <summary>Every row, once.</summary>
internal static class RowTable
{
    public static IReadOnlyList<Row> All { get; } =
    [
        new("a", "training on one core over the dense limit", OneCoreOverRoofline.SmallAsync),
        new("b", "training on one core over PyTorch", OneCoreOverTorch.MeasureAsync),
        new("c", "two workers over PyTorch DDP", ClusterOverDdp.MeasureAsync),
        new("e", "tensor stream over bare sockets", StreamOverSockets.MeasureAsync),
        new("g", "start to the first step", StartUp.MeasureAsync),
        new("i", "memory", Memory.MeasureAsync),
        new("j", "larger and smaller nets on one core over the dense limit", OneCoreOverRoofline.OthersAsync),
        new("k", "evaluation over PyTorch", EvaluationOverTorch.MeasureAsync),
    ];
}
