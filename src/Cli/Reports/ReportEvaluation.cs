using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Wording;

namespace Lockstep.Cli.Reports;

/// <summary>A run's checkpoint on its test examples, or why it was not evaluated.</summary>
/// <param name="Model">The checkpoint; null without one.</param>
/// <param name="Examples">The test examples; null where they are not at hand.</param>
/// <param name="Details">What came out.</param>
/// <param name="Missing">Why there is nothing; null where there is.</param>
internal sealed record ReportEvaluation(TrainedModel? Model, Examples? Examples, DetailedEvaluation? Details, string? Missing)
{
    private const int WorstMistakes = 40;

    /// <summary>Name of a class.</summary>
    public string NameOf(int label) => Model!.Run.Data.ClassName(label);

    /// <summary>None, because of <paramref name="reason"/>.</summary>
    public static ReportEvaluation Without(string reason, TrainedModel? model = null) => new(model, null, null, reason);

    /// <summary>Evaluates the newest checkpoint of a run, at one thread. Nothing is downloaded for it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="model">Its newest checkpoint; null without one.</param>
    /// <param name="settings">May say where the data are; otherwise they are where the run had them.</param>
    /// <param name="io">The environment names the cache.</param>
    /// <param name="display">Shows progress.</param>
    public static async Task<ReportEvaluation> OfAsync(
        RunRecord run, TrainedModel? model, Settings settings, CommandIo io, RunDisplay display)
    {
        if (model is null)
            return Without("There is no checkpoint that can be read, so there is nothing to evaluate.");
        DataSpec trainedOn = model.Run.Data;
        try
        {
            RunConfiguration? configuration = DatasetAccess.ConfigurationOf(run.Folder);
            DatasetRequest request = DatasetAccess.RequestOf(trainedOn, configuration, settings) with { Offline = true };
            LoadedDataset loaded = await DatasetAccess.LoadAsync(request, io, display, CancellationToken.None);
            Examples test = loaded.Data.Test;
            if (loaded.Data.Sha256 != trainedOn.Sha256)
            {
                return Without(
                    $"The test {test.KindName} are not shown: the run was trained on {trainedOn.Name} with digest "
                        + $"{trainedOn.Sha256}, but {loaded.Source} holds one with digest {loaded.Data.Sha256}.",
                    model);
            }

            ModelAccess.CheckFits(model, loaded.Data);
            display.Working($"evaluating {Format.Count(test.Count)} {test.KindName}");
            return new ReportEvaluation(model, test, model.EvaluateInDetail(test, WorstMistakes), Missing: null);
        }
        catch (Exception e) when (e is DatasetException or RequestException)
        {
            return Without($"The test examples are not at hand: {e.Message}", model);
        }
    }
}
