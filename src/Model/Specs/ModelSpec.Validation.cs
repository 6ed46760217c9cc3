namespace Lockstep.Model.Specs;

public sealed partial record ModelSpec
{
    /// <summary>Problems of the model, one sentence each with the value and the legal range; empty if it can be trained.</summary>
    public IReadOnlyList<string> Validate()
    {
        if (!Ranges.Layers.Contains(Layers.Count))
            return [$"The model has {Layers.Count} layers; expected {Ranges.Layers.Words}."];
        var problems = new List<string>();
        for (int i = 0; i < Layers.Count; i++)
        {
            LayerSpec layer = Layers[i];
            problems.AddRange(layer.Validate(isLast: i == Layers.Count - 1));
            if (i > 0 && !layer.InputShape.Equals(Layers[i - 1].OutputShape))
                problems.Add($"{layer.Name} takes {layer.InputShape} values; the layer before gives {Layers[i - 1].OutputShape}.");
        }

        if (Layers[0] is NormalizationSpec)
            problems.Add($"{Layers[0].Name} normalises the inputs, which are scaled already; expected a layer with weights first.");
        if (!Ranges.KeepProb.Contains(InputKeepProb))
            problems.Add($"The input has keep probability {InputKeepProb}; expected {Ranges.KeepProb.Words}.");
        if (Layers.Select(layer => layer.Name).Distinct(StringComparer.Ordinal).Count() != Layers.Count)
            problems.Add("Two layers have the same name; expected distinct names.");
        ValidateParameters(problems);
        return problems;
    }

    private void ValidateParameters(List<string> problems)
    {
        LayerParameter[] parameters = [.. Layers.SelectMany(layer => layer.Parameters)];
        if (!parameters.Any(parameter => parameter.Spec.IsTrainable && !parameter.IsStatistic))
            problems.Add("Every parameter is frozen; expected one to train.");
        foreach (ParameterSpec parameter in parameters.Select(parameter => parameter.Spec))
        {
            if (ParameterSpec.NameProblem(parameter.Name) is { } problem)
                problems.Add($"The parameter name '{parameter.Name}' {problem}.");
            if (parameter.Initializer.Problem is { } wrong)
                problems.Add($"The initialiser of {parameter.Name}: {wrong}.");
            if (parameter.L2 is { } l2 && !Ranges.Penalty.Contains(l2))
                problems.Add($"{parameter.Name} has L2 {l2}; expected {Ranges.Penalty.Words}.");
            if (parameter.LearningRate is { } rate && !Ranges.LearningRate.Contains(rate))
                problems.Add($"{parameter.Name} has the learning rate {rate}; expected {Ranges.LearningRate.Words}.");
        }

        ILookup<string, LayerParameter> byName = parameters.ToLookup(parameter => parameter.Spec.Name, StringComparer.Ordinal);
        foreach (IGrouping<string, LayerParameter> same in byName.Where(group => group.Count() > 1))
            problems.Add($"{same.Count()} parameters have the name '{same.Key}'; expected distinct names.");
        long count = parameters.Sum(parameter => parameter.Shape.Count);
        if (count > MaxParameters)
            problems.Add($"The model has {count} parameters; expected at most {MaxParameters}.");
    }
}
