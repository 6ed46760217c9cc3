using Lockstep.Cli.Options;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Runs;
using Lockstep.Shared.Files;
using Lockstep.Wording;

namespace Lockstep.Cli.Training;

/// <summary>Makes the model from the options: widths or a file, then the options that name parameters.</summary>
internal static class ModelPlan
{
    // One hidden layer, of the size that suits small tables and small pictures.
    private const string OfOwnData = "in-128-out";

    /// <summary>The model for a data set.</summary>
    /// <exception cref="RequestException">The options make none; all mistakes are reported.</exception>
    public static ModelSpec Build(Settings settings, Dataset data) =>
        Build(settings, TextOf(settings, data.Preparation is not null), data);

    /// <summary>The model where it does not depend on the data; otherwise null.</summary>
    /// <param name="settings">The options.</param>
    /// <param name="usual">The model where no option says one; null for the default.</param>
    /// <exception cref="RequestException">The options make none; all mistakes are reported.</exception>
    public static ModelSpec? BuildWithoutData(Settings settings, string? usual = null)
    {
        string text = usual is not null && !settings.IsGiven(ModelOptions.Model)
            ? usual
            : TextOf(settings, isOwnData: settings.Find(DataOptions.Dataset) is { } dataset && Kinds.IsPath(dataset));
        return Kinds.IsModelFile(text) || !NetworkText.Parse(text).FollowsData ? Build(settings, text, data: null) : null;
    }

    private static string TextOf(Settings settings, bool isOwnData) =>
        settings.GivenNow(ModelOptions.Model) is { Value: string given } ? given
        : isOwnData ? OfOwnData
        : settings.Get(ModelOptions.Model);

    private static ModelSpec Build(Settings settings, string text, Dataset? data)
    {
        var problems = new Problems();
        ModelSpec? model = Build(settings, text, data, problems);
        problems.ThrowIfAny();
        return model!;
    }

    private static ModelSpec? Build(Settings settings, string text, Dataset? data, Problems problems)
    {
        string initializer = settings.Get(ModelOptions.Initializer);
        ModelSpec? model = Read(
            text, data, settings.FindValue(ModelOptions.KeepProb) ?? 1.0,
            initializer == SpecSettings.AutomaticInitializer ? null : Initializer.Parse(initializer), problems);
        if (model is null)
            return null;
        CheckPatterns(settings, model, problems);
        return ApplyPatterns(settings, model);
    }

    /// <summary>Reports options given along with a resumed run that would make another model of it.</summary>
    public static void CheckResumed(Settings settings, ModelSpec saved, string advice, Problems problems)
    {
        if (settings.GivenNow(ModelOptions.Model) is { } text && !Kinds.IsModelFile(text.Text)
            && TextFor(text.Text, saved) != saved.ToString())
            problems.Add($"{text.Given} contradicts the checkpoint, whose run has {ModelOptions.Model.Name} {saved}. {advice}");
        if (settings.GivenNow(ModelOptions.Model) is { } given && Kinds.IsModelFile(given.Text))
        {
            Initializer[] initializers = [.. saved.Layers.SelectMany(layer => layer.Parameters).Where(parameter => parameter.IsWeights)
                .Select(parameter => parameter.Spec.Initializer).Distinct()];
            ModelSpec? model = Read(
                given.Text, data: null, SpecSettings.KeepProbOf(saved) ?? 1.0, initializers is [{ } one] ? one : null,
                problems);
            if (model is not null && ModelFile.Write(Unlearned(model)) != ModelFile.Write(Unlearned(saved)))
                problems.Add($"{given.Given} contradicts the checkpoint, whose run has another model. Leave it out to continue that "
                    + "run, or start a new one without --resume.");
        }

        foreach (ICliOption option in new ICliOption[] { ModelOptions.Freeze, OptimizerOptions.LearningRateFor })
        {
            if (settings.GivenNow(option) is { } pattern && ModelFile.Write(ApplyPatterns(settings, saved)) != ModelFile.Write(saved))
                problems.Add($"{pattern.Given} contradicts the checkpoint, whose run trains its parameters otherwise. Leave it out to "
                    + "continue that run, or start a new one without --resume.");
        }
    }

    // A short text with its names and the sizes of the data; null where it does not fit them.
    private static string? TextFor(string text, ModelSpec saved)
    {
        try
        {
            return NetworkText.Parse(text).ToModel(saved.InputShape, saved.Classes).ToString();
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static ModelSpec? Read(string text, Dataset? data, double keepProb, Initializer? initializer, Problems problems)
    {
        if (!Kinds.IsModelFile(text))
        {
            try
            {
                return NetworkText.Parse(text).ToModel(data?.Training.Shape, data?.Outputs, keepProb, initializer);
            }
            catch (FormatException e)
            {
                problems.Add($"{ModelOptions.Model.Name}: {e.Message}");
                return null;
            }
        }

        try
        {
            return ModelFile.Parse(BoundedFile.ReadAllText(text, BoundedFile.MaxTextBytes), keepProb, initializer);
        }
        catch (ModelFileException e)
        {
            foreach (string problem in e.Problems)
                problems.Add($"{ModelOptions.Model.Name} {text}: {problem}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{ModelOptions.Model.Name} {text}: the file cannot be read: {BoundedFile.ReasonOf(text, e)}.");
        }

        return null;
    }

    private static ModelSpec ApplyPatterns(Settings settings, ModelSpec model)
    {
        NameGlobs freeze = settings.Find(ModelOptions.Freeze) ?? NameGlobs.None;
        ParameterRates? rates = settings.Find(OptimizerOptions.LearningRateFor);
        string[] learnt = NamesOf(model, withAverages: false);
        return model.WithParameters(parameter => parameter with
        {
            IsTrainable = parameter.IsTrainable && !freeze.Match(parameter.Name),
            LearningRate = (learnt.Contains(parameter.Name) ? rates?.Find(parameter.Name) : null) ?? parameter.LearningRate,
        });
    }

    // A pattern that matches nothing is probably mistyped.
    private static void CheckPatterns(Settings settings, ModelSpec model, Problems problems)
    {
        string[] names = NamesOf(model, withAverages: true), learnt = NamesOf(model, withAverages: false);
        foreach ((ICliOption option, NameGlobs? globs) in new (ICliOption, NameGlobs?)[]
        {
            (ModelOptions.Freeze, settings.Find(ModelOptions.Freeze)),
            (RestoreOptions.Include, settings.Find(RestoreOptions.Include)),
            (RestoreOptions.Exclude, settings.Find(RestoreOptions.Exclude)),
        })
        {
            foreach (string pattern in globs?.Useless(names) ?? [])
                Report(option, pattern, "parameter", names);
        }

        foreach ((NameGlobs pattern, _) in settings.Find(OptimizerOptions.LearningRateFor)?.Rates ?? [])
        {
            foreach (string useless in pattern.Useless(learnt))
                Report(OptimizerOptions.LearningRateFor, useless, learnt.Length < names.Length ? "learnt parameter" : "parameter", learnt);
        }

        if (settings.Find(ModelOptions.Freeze) is { } freeze && names.All(freeze.Match))
            problems.Add($"{ModelOptions.Freeze.Name} {freeze} freezes every parameter; leave at least one to train.");

        void Report(ICliOption option, string pattern, string what, string[] known)
        {
            string near = Spelling.Nearest(pattern, known) is { } name ? $" Did you mean '{name}'?" : "";
            problems.Add($"{option.Name} '{pattern}' matches no {what} of the model.{near} It has {string.Join(", ", known)}.");
        }
    }

    // The running averages of batch normalisation have no learning rate.
    private static string[] NamesOf(ModelSpec model, bool withAverages) =>
    [
        .. model.Layers.SelectMany(layer => layer.Parameters).Where(parameter => withAverages || !parameter.IsStatistic)
            .Select(parameter => parameter.Spec.Name),
    ];

    private static ModelSpec Unlearned(ModelSpec model) =>
        model.WithParameters(parameter => parameter with { IsTrainable = true, LearningRate = null });
}
