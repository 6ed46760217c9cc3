using Lockstep.Cli.Images;
using Lockstep.Cli.Results;
using Lockstep.Networks;
using Lockstep.Shared.Checkpoints;
using Lockstep.Verification;

namespace Lockstep.Cli.Board;

/// <summary>Two runs beside each other: the same weights step by step, or where they part.</summary>
internal static class RunPair
{
    /// <summary>Compares all steps of the traces, and the checkpoints of equal steps.</summary>
    /// <param name="first">A run folder.</param>
    /// <param name="second">Another.</param>
    public static BoardDifference Compare(string first, string second)
    {
        RunHistory a = RunHistory.Read(first), b = RunHistory.Read(second);
        var notes = new List<string>([.. a.Notes, .. b.Notes]);
        var difference = RunDifference.Between(a, b, notes);
        byte[]? picture = difference.Largest is { } largest ? Draw(a, b, largest.Step, largest.Value.Parameter) : null;
        return new BoardDifference(DifferenceJson.Of(difference), a.LastStep, b.LastStep, picture, [.. notes.Distinct()]);
    }

    private static byte[]? Draw(RunHistory a, RunHistory b, long step, string parameter)
    {
        NamedTensor first = TensorOf(a, step, parameter), second = TensorOf(b, step, parameter);
        return first.Shape.SequenceEqual(second.Shape) ? DifferencePicture.Draw(first, second) : null;
    }

    private static NamedTensor TensorOf(RunHistory run, long step, string parameter) =>
        TrainedModel.Load(run.Files.First(file => file.Step == step).Path).GetParameter(parameter);
}
