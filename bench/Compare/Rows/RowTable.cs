namespace Lockstep.Bench.Compare.Rows;

/// <summary>Every row, once.</summary>
internal static class RowTable
{
    public static IReadOnlyList<Row> All { get; } =
    [
        new("a", "training on one core over the dense limit", OneCoreOverRoofline.SmallAsync),
        new("b", "training on one core over PyTorch", OneCoreOverTorch.MeasureAsync),
        new("c", "two workers over PyTorch DDP", ClusterOverDdp.MeasureAsync),
        new("d", "whole commands to 98% over PyTorch DDP", WholeCommands.MeasureAsync),
        new("e", "tensor stream over bare sockets", StreamOverSockets.MeasureAsync),
        new("f", "allocations of a step", Allocations.MeasureAsync),
        new("g", "start to the first step", StartUp.MeasureAsync),
        new("h", "overhead of a step as workers grow", Overhead.MeasureAsync),
        new("i", "memory", Memory.MeasureAsync),
        new("j", "larger and smaller nets on one core over the dense limit", OneCoreOverRoofline.OthersAsync),
        new("k", "evaluation over PyTorch", EvaluationOverTorch.MeasureAsync),
        new("l", "training on a table on one core over PyTorch", TablesOverTorch.MeasureAsync),
        new("m", "reading tables and pictures over pandas and PIL", ReadingOverPython.MeasureAsync),
        new("n", "training on tables of which most values are zero", SparseTables.MeasureAsync),
        new("o", "LeNet-5 over the dense limit, PyTorch and DDP", LeNetOverTorch.MeasureAsync),
        new("p", "where a step on one core goes", Phases.MeasureAsync),
    ];
}
