using System.Text.Json;
using Lockstep.Interchange;
using Lockstep.Networks;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Lockstep.Lockstep.Tests.Interchange;

/// <summary>A model as ONNX, fed with raw values as its metadata say.</summary>
internal sealed class RawOnnxModel : IDisposable
{
    private readonly InferenceSession _session;

    /// <summary>Exports a model and reads the file.</summary>
    public RawOnnxModel(TrainedModel model, string path)
    {
        ExportPlan.Make(model, format: null, path).Write();
        _session = new InferenceSession(path);
    }

    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    public IReadOnlyList<string> Inputs => _session.InputNames;

    public string Doc => _session.ModelMetadata.Description;

    public string[] Names(string key) => Metadata.TryGetValue(key, out string? names) ? JsonSerializer.Deserialize<string[]>(names)! : [];

    /// <summary>Probabilities, or targets, of rows of a table: a missing number is NaN, a missing text empty.</summary>
    public float[] Run(IReadOnlyList<IReadOnlyDictionary<string, string>> rows)
    {
        string[] numbers = Names("numbers"), texts = Names("texts");
        List<NamedOnnxValue> inputs = [];
        if (numbers.Length > 0)
            inputs.Add(Input(
                "numbers", [.. rows.SelectMany(row => numbers.Select(name => Number(row[name])))], rows.Count, numbers.Length));
        if (texts.Length > 0)
            inputs.Add(Input("texts", [.. rows.SelectMany(row => texts.Select(name => row[name]))], rows.Count, texts.Length));
        return Run(inputs);
    }

    /// <summary>Probabilities of images.</summary>
    /// <param name="pixels">[images, height, width, channels] intensities.</param>
    /// <param name="shape">These four.</param>
    public float[] Run(byte[] pixels, params int[] shape) => Run([Input("pixels", pixels, shape)]);

    public void Dispose() => _session.Dispose();

    private static NamedOnnxValue Input<T>(string name, T[] values, params int[] shape) =>
        NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(values, shape));

    private static double Number(string text) =>
        text.Length == 0 ? double.NaN : double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private float[] Run(IReadOnlyCollection<NamedOnnxValue> inputs)
    {
        using var outputs = _session.Run(inputs);
        return [.. outputs.Single(output => output.Name is "probabilities" or "predictions").AsTensor<float>()];
    }
}
